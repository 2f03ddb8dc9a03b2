"""What a judge of 200 rules, 50 of them conditions, takes for reports of three engines; one core, without Kafka.

    .venv/bin/python -m benchmarks.judging [--share 1.0] [--contents 4000] [--seed 7] [--rounds 9]

The floor is the same judge on the same reports without the conditions. Both are measured in turn, CPU time, the best of
several rounds: what else runs on the machine makes single rounds slower.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from msgspec import structs

from benchmarks.conditions import SOURCES
from streams.core.action import ACTIONS, MASKING
from streams.core.case import CaseOpened
from streams.core.composite import CompositeConfig, Composites
from streams.core.condition import Before, Conditions, Counts, Early, compiled
from streams.core.facts import Answers, Facts
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding, Report, reported
from streams.core.judge import judged, judged_case, summarised
from streams.core.label import KINDS, LABELS, SEVERITIES
from streams.core.policy import Policy, PolicyRef
from streams.core.restriction import Standing, Strike
from streams.core.rule import Rule

ENGINES: Final = ("blocklist", "text_model", "text_llm")
RULES: Final = 50  # of each engine
KNOWN: Final = 0.1  # of the authors are trusted, or have strikes
NOON: Final = 1_767_268_800_000  # 2026-01-01T12:00:00Z
ROLES: Final = (None, "member", "member", "guest1", "admin")
WORDS: Final = ("make", "money", "quickly", "hello", "https://scam.example", "tonight", "who", "wins", "ten", "places")


def policies(chance: Random) -> tuple[Policy, Policy]:
    """Return the policy of 150 rules of engines, and the same with 50 conditions more."""
    labels = sorted(LABELS)
    rules = [
        Rule(
            engine,
            f"rule_{number}",
            chance.choice(labels),
            chance.choice(ACTIONS),
            chance.choice(SEVERITIES),
            chance.choice(("enforce", "enforce", "enforce", "shadow")),
            why="a reason",
        )
        for engine in ENGINES
        for number in range(RULES)
    ]
    floor = Policy(
        ref=PolicyRef("bench", "0123456789ab"),
        kinds=frozenset(KINDS),
        rules={(rule.engine, rule.name): rule for rule in rules},
        text_engines=ENGINES[:2],
        media_engines=(),
        exempt=(),
        failure=dict.fromkeys(ENGINES, "closed"),
        failure_action="flag",
        deadline_ms=30_000,
        apart_engines=ENGINES[2:],
    )
    actions = [action for action in ACTIONS if action not in MASKING]
    configs = [
        CompositeConfig(name=f"both_{number}", when=source, action=chance.choice(actions), why="a reason")
        for number, source in enumerate(SOURCES)
    ]
    made = [config.rule() for config in configs]
    conditions = Conditions([compiled(config.when, LABELS) for config in configs])
    composites = Composites(tuple(config.name for config in configs), conditions)
    every = {**floor.rules, **{(rule.engine, rule.name): rule for rule in made}}
    return floor, structs.replace(floor, rules=every, composites=composites)


class Content:
    """A drawn content: what engines answered, and what is known beside."""

    def __init__(self, number: int, chance: Random, policy: Policy, share: float) -> None:
        self.answers: Answers = [(engine, _answer(engine, chance, policy, share)) for engine in ENGINES]
        self.summaries = summarised(self.answers, [0.4] * len(ENGINES), ["1"] * len(ENGINES))
        text = " ".join(chance.choices(WORDS, k=chance.randint(3, 20)))
        role = chance.choice(ROLES)
        self.inputs = Early(
            text=text,
            user_id=f"u{number % 500}",
            user_role=role,
            user_age_days=chance.choice((None, 0.5, 3.0, 400.0)),
            user_trusted=chance.random() < KNOWN,
            content_length=len(text),
            counts=Counts(chance.randint(1, 30), 30, 60, chance.randint(0, 6), chance.randint(1, 6)),
            context=tuple(Before(f"u{chance.randint(0, 9)}", "before", None, 7 * at) for at in range(10)),
        )
        strikes = (Strike("m0", "scam", NOON - 1, weight=chance.randint(1, 4)),) if chance.random() < KNOWN else ()
        self.standing = Standing(self.inputs.user_id, NOON, strikes) if strikes else None
        self.facts = Facts(
            f"m{number}", "message", self.inputs.user_id, NOON, role, "c", inputs=self.inputs, standing=self.standing
        )

    def case(self, policy: Policy) -> tuple[CaseOpened, list[Report]]:
        """Return what opened its case, and all of its reports."""
        early = policy.composites.conditions.early_of(self.inputs) if policy.composites else ()
        known, ref = self.facts, policy.ref
        opened = CaseOpened(
            known.content_id, known.kind, known.user_id, ENGINES, (), ref, NOON, NOON, role=known.role, early=early
        )
        return opened, [reported(known.content_id, name, "1", answer, 0.4) for name, answer in self.answers]


def _answer(engine: str, chance: Random, policy: Policy, share: float) -> Answer:
    if chance.random() >= share:
        return NOTHING_FOUND
    rules = chance.sample([rule for rule in policy.rules.values() if rule.engine == engine], chance.randint(1, 2))
    place = (Evidence(span=(0, 12)),)
    return Answer(
        findings=tuple(
            Finding(rule.label, rule.name, chance.choice(SEVERITIES), chance.uniform(50, 100), evidence=place)
            for rule in rules
        ),
        scores={chance.choice(("scam", "spam", "abuse")): chance.random() for _ in rules},
    )


def at_once(policy: Policy, contents: Sequence[Content]) -> Callable[[], None]:
    """Return what judges all contents where their texts are."""

    def work() -> None:
        for content in contents:
            judged(policy, content.facts, content.answers, content.summaries, NOON)

    return work


def as_cases(policy: Policy, contents: Sequence[Content]) -> Callable[[], None]:
    """Return what judges all contents as the join does, by their reports."""
    cases = [(*content.case(policy), content.standing) for content in contents]

    def work() -> None:
        for opened, reports, standing in cases:
            judged_case(policy, opened, reports, judged, NOON, standing=standing)

    return work


def per_second(works: Sequence[Callable[[], None]], count: int, rounds: int) -> list[float]:
    """Return judgements per second of CPU time, the best of the rounds; the works take turns."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            start = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - start)
    return [count / seconds for seconds in best]


def main() -> None:
    """Print judgements per second with and without the conditions."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contents", type=int, default=4000)
    parser.add_argument("--share", type=float, default=1.0, help="of the answers that hold findings, 0..1")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    chance = Random(given.seed)  # noqa: S311 - drawn again in every run
    floor, whole = policies(chance)
    contents = [Content(number, chance, floor, given.share) for number in range(given.contents)]
    for name, way in (("where the texts are", at_once), ("as cases of three reports", as_cases)):
        without, with_them = per_second([way(floor, contents), way(whole, contents)], given.contents, given.rounds)
        print(f"{name}: {with_them:,.0f} judgements/s with {len(whole.rules)} rules, {len(SOURCES)} are conditions;")
        print(f"    {without:,.0f} without the conditions: they take {1e6 / with_them - 1e6 / without:.1f} µs")


if __name__ == "__main__":
    main()
