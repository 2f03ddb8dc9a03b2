"""What fifty conditions cost one judgement, in one place and in two; one core, without Kafka.

    .venv/bin/python -m benchmarks.conditions

CPU time, the best of several rounds: what else runs on the machine makes single rounds slower.
"""

import time
from collections.abc import Callable
from typing import Final

from streams.core.condition import Before, Conditions, Counts, Early, Late, compiled, late_of
from streams.core.decision import Triggered
from streams.core.finding import Answer, Evidence
from streams.core.label import LABELS

ROUNDS: Final = 15
CALLS: Final = 4_000

# Ten kinds of conditions, each with five thresholds or labels, as policies grow.
SOURCES: Final = tuple(
    pattern.format(label=label, other=other, number=number)
    for number, (label, other) in enumerate(
        (("scam", "pii"), ("spam", "drugs"), ("abuse", "toxicity"), ("violence", "scam"), ("hate_speech", "abuse")),
        start=1,
    )
    for pattern in (
        "user.strikes >= {number} && severity >= medium",
        "has(user.age_days) && user.age_days < {number}.0 && counts.links_10m > {number}",
        "labels.{label}.severity >= high && !user.trusted",
        "'{label}' in labels && '{other}' in labels",
        "labels.{label}.severity == critical || labels.{other}.confidence > 9{number}.0",
        "context.filter(m, m.user_id != user.id && m.age_s < {number}0).size() >= 5 && severity >= low",
        "counts.same_10m >= {number} || counts.messages_1m > 2{number}",
        "has(scores.{label}) && scores.{label} > 0.{number} && text.contains('https://{label}')",
        "user.role != null && user.role.startsWith('guest{number}') && content.attachments > 0",
        "content.kind in ['image', 'video'] && confidence >= 9{number}.0 && has(user.age_days) && user.age_days < 1.0",
    )
)

EARLY: Final = Early(
    text="Make money quickly: write me at https://scam.example before midnight, only ten places are left.",
    user_id="u1",
    user_role="member",
    user_age_days=3.5,
    counts=Counts(2, 4, 9, 1, 1),
    context=tuple(Before(f"u{number % 3}", "what he said before", None, 7 * number) for number in range(10)),
)
ANSWERS: Final = [
    ("text_model", Answer(scores=dict.fromkeys(("scam", "spam", "abuse", "pii", "drugs"), 0.35))),
    ("semantic", Answer(scores={"scam": 0.71})),
    ("text_llm", Answer(scores={"scam": 0.9, "platform_bypass": 0.4})),
]
PLACE: Final = (Evidence(span=(0, 20)),)
TRIGGERED: Final = (
    Triggered("scam", "enforce", "text_model", "scam", "flag", "medium", 64.0, evidence=PLACE),
    Triggered("quick_money", "enforce", "semantic", "scam", "flag", "high", evidence=PLACE),
    Triggered("scam", "enforce", "text_llm", "scam", "block", "high", 91.0, evidence=PLACE),
)


def microseconds(work: Callable[[], object]) -> float:
    """Return what one call takes, µs of CPU time."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(CALLS):
            work()
        best = min(best, time.process_time() - start)
    return best / CALLS * 1e6


def main() -> None:
    """Print what each step takes."""
    conditions = Conditions([compiled(source, LABELS) for source in SOURCES])
    needs, quiet = conditions.needs, Late()
    found = late_of(TRIGGERED, ANSWERS, needs, strikes=2)
    travelled = conditions.early_of(EARLY)
    print(f"{len(SOURCES)} conditions, {conditions.early_count} early parts, {sum(map(len, travelled))} characters")
    steps: dict[str, Callable[[], object]] = {
        "early parts, where the text is": lambda: conditions.early_of(EARLY),
        "values of three reports with findings": lambda: late_of(TRIGGERED, ANSWERS, needs, strikes=2),
        "judge, nothing found": lambda: conditions.holding(quiet, travelled),
        "judge, three reports with findings": lambda: conditions.holding(found, travelled),
        "in one place, nothing found": lambda: conditions.holding_at_once(quiet, EARLY),
        "in one place, three reports with findings": lambda: conditions.holding_at_once(found, EARLY),
    }
    for name, work in steps.items():
        print(f"{microseconds(work):8.2f} µs  {name}")


if __name__ == "__main__":
    main()
