"""Decisions where size is bounded, in a table's item or a record: what is too much is left out, and that is said."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from streams.core.decision import Decision, Triggered

LARGEST: Final = 350_000  # bytes of the JSON text; an item of DynamoDB holds 400 KB with its other attributes


class Kept(NamedTuple):
    """A decision as JSON, what of it was left out, and the same decision as a record."""

    document: bytes
    left_out: str | None  # evidence_beyond_10, evidence_beyond_1, evidence, shadow
    decision: Decision


class TooLarge(Exception):
    """A decision that does not fit even without evidence and shadow rules."""


def kept(decision: Decision, *, masked_text: bool = False, largest: int = LARGEST) -> Kept:
    """Return the decision as JSON of at most `largest` bytes; raise TooLarge.

    The masked text, the only text in a decision, is left out unless `masked_text`: whoever reads the table need not
    read what people wrote.
    """
    whole = decision if masked_text else msgspec.structs.replace(decision, masked_text=None)
    for left_out, step in STEPS:
        shortened = step(whole)
        document = msgspec.json.encode(shortened)
        if len(document) <= largest:
            return Kept(document, left_out, shortened)
    raise TooLarge


def _evidence_to(most: int) -> Callable[[Decision], Decision]:
    def shortened(triggered: Sequence[Triggered]) -> tuple[Triggered, ...]:
        return tuple(msgspec.structs.replace(one, evidence=one.evidence[:most]) for one in triggered)

    return lambda decision: msgspec.structs.replace(
        decision, triggered=shortened(decision.triggered), shadow=shortened(decision.shadow)
    )


def _without_shadow(decision: Decision) -> Decision:
    return msgspec.structs.replace(_evidence_to(0)(decision), shadow=())


# From the least that helps to the most that still explains the decision.
STEPS: Final[Sequence[tuple[str | None, Callable[[Decision], Decision]]]] = (
    (None, lambda decision: decision),
    ("evidence_beyond_10", _evidence_to(10)),
    ("evidence_beyond_1", _evidence_to(1)),
    ("evidence", _evidence_to(0)),
    ("shadow", _without_shadow),
)
