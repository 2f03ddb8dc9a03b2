"""What was decided of a content and what its engines answered, out of its decision: enough to judge it once more."""

from collections.abc import Iterable

import msgspec

from streams.core.comparison import Judged
from streams.core.decision import Decision, ReportSummary, Triggered
from streams.core.finding import NOTHING_FOUND, Answer, Finding
from streams.core.policy import PolicyRef


class Remembered(msgspec.Struct, frozen=True, gc=False):
    """What one engine answered."""

    engine: str
    version: str | None
    answer: Answer  # without its scores: a decision has none


class Recollection(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a decision."""

    judged: Judged
    policy: PolicyRef
    answers: tuple[Remembered, ...]

    def answer(self, engine: str) -> Remembered | None:
        """Return what an engine answered; None where it was not asked."""
        return next((each for each in self.answers if each.engine == engine), None)


class Recollections:
    """Makes recollections. Those of contents in which nothing was found share one object: most do."""

    def __init__(self) -> None:
        self._quiet: dict[tuple[object, ...], Recollection] = {}

    def of(self, decision: Decision) -> Recollection:
        """Return what is kept of a decision."""
        if decision.triggered or decision.shadow:
            return _recollection(decision)
        answers = tuple((each.engine, each.version, each.status, each.reason) for each in decision.reports)
        key = (decision.action, decision.policy.id, decision.policy.version, answers)
        found = self._quiet.get(key)
        if found is None:
            found = self._quiet[key] = _recollection(decision)
        return found


def _recollection(decision: Decision) -> Recollection:
    lines = (*decision.triggered, *decision.shadow)
    return Recollection(
        judged=Judged.of(decision),
        policy=decision.policy,
        answers=tuple(Remembered(each.engine, each.version, _answer(each, lines)) for each in decision.reports),
    )


def _answer(summary: ReportSummary, lines: Iterable[Triggered]) -> Answer:
    findings = tuple(_finding(line) for line in lines if line.engine == summary.engine and not _was_seen(line))
    if not findings and summary.status == "ok" and summary.reason is None and summary.not_evaluated is None:
        return NOTHING_FOUND
    return Answer(summary.status, summary.reason, findings, None, summary.not_evaluated)


def _finding(line: Triggered) -> Finding:
    return Finding(line.label, line.rule, line.severity, line.confidence, line.threshold, line.evidence)


def _was_seen(line: Triggered) -> bool:
    """Say whether a text engine's rule was triggered by what was read in a picture: that is the reader's finding."""
    return any(each.box is not None or each.frame is not None for each in line.evidence)
