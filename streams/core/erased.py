"""What stays of a decision when its author's content is erased: ids, labels, rules, places."""

from typing import Final

from msgspec import structs

from streams.core.decision import Decision, Triggered
from streams.core.effect import Outcome
from streams.core.finding import Evidence
from streams.core.ruling import Ruling
from streams.core.span import MASK

REASON: Final = "the content was erased"  # in place of a sentence that may quote it


def erased(decision: Decision) -> Decision:
    """Return a decision without content; where it masks, all of the text is hidden."""
    return structs.replace(
        decision,
        triggered=tuple(_line(line) for line in decision.triggered),
        shadow=tuple(_line(line) for line in decision.shadow),
        masked_text=None if decision.masked_text is None else MASK,
        objects=(),
        reason=REASON,
    )


def erased_ruling(ruling: Ruling) -> Ruling:
    """Return a ruling without content, and without what the moderator wrote of it."""
    return structs.replace(
        ruling,
        decision=erased(ruling.decision),
        masked_text=None if ruling.masked_text is None else MASK,
        reason=None,
    )


def erased_outcome(outcome: Outcome) -> Outcome:
    """Return an outcome without the addresses of what it moved."""
    return structs.replace(outcome, objects=())


def _line(line: Triggered) -> Triggered:
    return structs.replace(line, evidence=tuple(_place(evidence) for evidence in line.evidence))


def _place(evidence: Evidence) -> Evidence:
    return structs.replace(evidence, payload=None, hash=None, snippet=None)
