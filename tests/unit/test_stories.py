"""Stories: whole chains as data, from `tests/stories`; its README says how to write one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml

from streams.adapters.policies import load
from streams.agents.book import Book
from streams.core.arrival import Arrival
from streams.core.case import DECIDED, EMPTY, Case, CaseExpired, FindingRecord, folded
from streams.core.content import Message, Upload
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import Answer, Report
from streams.core.judge import judged, judged_case
from streams.core.opening import Case as Opening
from streams.core.restriction import Standing
from streams.core.screen import Limits, Repeated, screened
from streams.core.standing import folded as folded_standing
from streams.core.standing_rules import NO_RULES
from streams.core.standing_state import StandingState, standing_of
from streams.core.uploaded import uploaded
from streams.core.verdict import StandingOrder, Verdict
from streams.core.window import EMPTY as NO_WINDOW
from streams.core.window import Window

STORIES: Final = Path(__file__).parents[1] / "stories"
BEGIN: Final = 1_767_268_800_000  # 2026-01-01T12:00:00.000Z
SECOND: Final = 1000
CREATED: Final = datetime(2026, 1, 1, 12, tzinfo=UTC).isoformat()
MESSAGE: Final = {"kind": "message", "user": {"id": "u"}, "text": "", "conversation_id": "c", "created_at": CREATED}
UPLOAD: Final = {
    "kind": "image",
    "user": {"id": "u"},
    "location": {"bucket": "b", "key": "k"},
    "created_at": CREATED,
}
FIELDS: Final = {"story", "policy", "policies", "failing", "inputs", "decisions", "repeated", "dropped"}


def stories() -> Iterator[Any]:
    for file in sorted(STORIES.glob("*.yaml")):
        for story in yaml.safe_load(file.read_text()):
            yield pytest.param(story, id=f"{file.stem}: {story['story']}")


class Chain:
    """The chain from record to decision, as function calls."""

    def __init__(self, *policies: Path | None, failing: Sequence[str] = ()) -> None:
        """Load the policies; `failing` are text engines that crash."""
        self.book = Book([load(policy) for policy in policies])
        self.decisions: list[Decision] = []
        self.repeated: list[str] = []
        self.dropped = 0
        self._failing = failing
        self._windows: dict[bytes, Window] = {}
        self._cases: dict[str, Case] = {}
        self._deadlines: dict[str, int] = {}
        self._users: dict[str, StandingState] = {}

    def messages(self, arrivals: Sequence[Arrival], now: int) -> None:
        """Screen a batch of texts."""
        screening = screened(
            arrivals,
            lambda key: self._windows.get(key, NO_WINDOW),
            panels=self.book.panels,
            inspect=self._inspect,
            judge=judged,
            limits=Limits(text=500, ids=200),
            now=now,
            standing_of=self._standing_of,
        )
        self._windows.update(screening.windows)
        for place, outcome in enumerate(screening.outcomes):
            verdict = screening.verdicts.get(place)
            self._follow(outcome if verdict is None else self._enforced(verdict, now), now)

    def upload(self, upload: Upload, now: int) -> None:
        """Open the case of an upload."""
        outcome = uploaded(upload, now, panels=self.book.panels, inspect=self._inspect, judge=judged, now=now)
        if isinstance(outcome, Decision) and outcome.action != "allow":
            outcome = self._enforced(Verdict(outcome, now, trusted=upload.user.trusted), now)
        self._follow(outcome, now)

    def order(self, order: StandingOrder) -> None:
        """Carry out what a person orders about a user."""
        found = folded_standing(self._users.get(order.user_id), order, NO_RULES, order.at)
        self._users.pop(order.user_id, None)
        if found.state is not None:
            self._users[order.user_id] = found.state

    def _standing_of(self, user_id: str) -> Standing | None:
        state = self._users.get(user_id)
        return standing_of(state) if state is not None and state.published else None

    def _enforced(self, verdict: Verdict, now: int) -> Decision:
        """Return the decision that a verdict becomes, past the standing of its author where the policy has one."""
        loaded = self.book.loaded(verdict.decision.policy)
        assert loaded is not None
        if not loaded.policy.via_standing:
            return verdict.decision
        user_id = verdict.decision.user_id
        rules = loaded.policy.standing or NO_RULES
        found = folded_standing(self._users.get(user_id), verdict, rules, now, loaded.policy.notices)
        assert found.state is not None
        assert found.decision is not None
        self._users[user_id] = found.state
        return found.decision

    def finding(self, record: FindingRecord, now: int) -> None:
        """Fold one record of `findings` into its case."""
        step = folded(self._cases.get(record.content_id, EMPTY), record)
        self.dropped += step.dropped
        self._cases[record.content_id] = DECIDED if step.ready else step.case
        if step.ready and step.case.opened is not None:
            loaded = self.book.loaded(step.case.opened.policy)
            assert loaded is not None
            opened, standing = step.case.opened, self._standing_of(step.case.opened.user_id)
            decision = judged_case(loaded.policy, opened, step.case.reports, judged, now, standing=standing)
            if decision.action != "allow":
                said = (opened.resubmits, opened.previous, opened.trusted)
                decision = self._enforced(Verdict(decision, opened.received_at, *said), now)
            self.decisions.append(decision)

    def expired(self, content_id: str, now: int) -> None:
        """Let the timer say that a case is due."""
        self.finding(CaseExpired(content_id, self._deadlines[content_id]), now)

    def _follow(self, outcome: Decision | Opening | Repeated, now: int) -> None:
        if isinstance(outcome, Decision):
            self.decisions.append(outcome)
        elif isinstance(outcome, Repeated):
            self.repeated.append(outcome.content_id)
        else:
            asked = (*(outcome.task.engines if outcome.task else ()), *(task.engine for task in outcome.text_tasks))
            assert asked == outcome.opened.required
            self._deadlines[outcome.opened.content_id] = outcome.opened.deadline_at
            self.finding(outcome.opened, now)

    def _inspect(self, engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        if engine.name in self._failing:
            return [Answer("error", "engine_failed")] * len(texts), 0.0
        return engine.inspect(texts), 0.0


def policy_file(policy: Any, folder: Path) -> Path | None:
    if policy == "default":
        return None
    file = folder / f"{policy['id']}.yaml"
    file.write_text(yaml.safe_dump(policy, allow_unicode=True))
    return file


def run(chain: Chain, inputs: Sequence[Mapping[str, Any]], *, batched: bool) -> None:
    """Feed the inputs; `batched` hands neighbouring messages over together."""
    timed = [(BEGIN + number * SECOND, *next(iter(given.items()))) for number, given in enumerate(inputs)]
    for what, group in groupby(timed, key=lambda line: line[1]):
        lines = list(group)
        if what == "message":
            arrivals = [Arrival(msgspec.convert({**MESSAGE, **record}, Message), at) for at, _, record in lines]
            for batch in [arrivals] if batched else [[arrival] for arrival in arrivals]:
                chain.messages(batch, lines[-1][0])
            continue
        for at, _, record in lines:
            if what == "upload":
                chain.upload(msgspec.convert({**UPLOAD, **record}, Upload), at)
            elif what == "report":
                chain.finding(msgspec.convert({"type": "report", "engine_version": "1", **record}, Report), at)
            elif what == "order":
                given = {
                    "user_id": "u",
                    "order_id": f"o{at}",
                    "at": at,
                    "by": "ada",
                    "type": "standing_order",
                    **record,
                }
                chain.order(msgspec.convert(given, StandingOrder))
            else:
                assert what == "expired", f"unknown input {what}"
                chain.expired(record, at)


def shown(decision: Decision, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those fields of a decision that a story names, as it names them."""
    fields: dict[str, Any] = {
        **msgspec.to_builtins(msgspec.structs.asdict(decision)),
        "policy": decision.policy.id,
        "labels": list(decision.labels),
        "context": list(decision.context),
        "rules": [line.rule for line in decision.triggered],
        "consequences": [each.kind for each in decision.consequences],
        "shadow": [line.rule for line in decision.shadow],
        "reports": {line.engine: line.status for line in decision.reports},
        "open": {label: why for line in decision.reports for label, why in (line.not_evaluated or {}).items()},
    }
    if "reason" in wanted and wanted["reason"] in decision.reason:
        fields["reason"] = wanted["reason"]
    return {name: fields[name] for name in wanted}


@pytest.mark.parametrize("batched", [False, True], ids=["singly", "batched"])
@pytest.mark.parametrize("story", list(stories()))
def test_the_story_ends_as_it_says(story: dict[str, Any], tmp_path: Path, batched: bool) -> None:  # noqa: FBT001
    assert story.keys() <= FIELDS
    policies = story["policies"] if "policies" in story else [story["policy"]]
    chain = Chain(*(policy_file(policy, tmp_path) for policy in policies), failing=story.get("failing", ()))
    run(chain, story["inputs"], batched=batched)
    assert [shown(made, wanted) for made, wanted in zip(chain.decisions, story["decisions"], strict=False)] == list(
        story["decisions"]
    )
    assert len(chain.decisions) == len(story["decisions"])
    assert chain.repeated == story.get("repeated", [])
    assert chain.dropped == story.get("dropped", 0)
    assert len({made.decision_id for made in chain.decisions}) == len(chain.decisions)


@pytest.mark.parametrize("kind", ["blocklist", "regex"])
def test_the_examples_of_the_specification_hold(kind: str, shared: Path, tmp_path: Path) -> None:
    """Every row of the real list of examples that a blocklist or a pattern decides."""
    rows = [row for row in json.loads((shared / "data" / "seed_cases.json").read_text()) if row["kind"] == kind]
    terms = sorted({row["term"] for row in rows if "term" in row})
    patterns = [row["pattern"] for row in rows if "pattern" in row]
    lists = {"lists": [{"name": "listed", "terms": terms, "action": "flag"}]}
    named = {"patterns": [{"name": f"p{number}", "pattern": pattern} for number, pattern in enumerate(patterns)]}
    engines = {"blocklist": lists} if kind == "blocklist" else {"pattern": named}
    chain = Chain(policy_file({"id": "seeds", "engines": engines}, tmp_path))
    checked = 0
    for number, row in enumerate(rows):
        text = row.get("probe", row["input"])
        if text.startswith("("):  # a remark about every text, no text
            continue
        message = msgspec.convert({**MESSAGE, "content_id": row["id"], "text": text}, Message)
        chain.messages([Arrival(message, BEGIN + number)], BEGIN + number)
        slips = "slip through" in row["expected"]
        decision = chain.decisions[-1]
        assert (decision.content_id, decision.action) == (row["id"], "allow" if slips else "flag")
        checked += 1
    assert checked == {"blocklist": 6, "regex": 4}[kind]


@pytest.mark.parametrize(("action", "masked"), [("mask", "****"), ("flag", None), ("block", None)])
def test_a_listed_word_is_masked_flagged_or_blocked_as_configured(
    action: str, masked: str | None, tmp_path: Path
) -> None:
    engines = {"blocklist": {"lists": [{"name": "listed", "terms": ["stupid"], "action": action, "why": "rude"}]}}
    chain = Chain(policy_file({"id": "seeds", "engines": engines}, tmp_path))
    run(chain, [{"message": {"content_id": "m1", "text": "Stupid"}}], batched=True)
    assert [(made.action, made.masked_text) for made in chain.decisions] == [(action, masked)]
