"""Rulings: what is kept of a content and a ruling in, the next revision of its decision out.

What was found of a content is what the moderator saw; what is in force is what the newest ruling made of it. So two
moderators who looked at the same revision make two more, the second upon the first.
"""

from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from streams.core.acting import approved
from streams.core.action import MASKING, RETURNED_FIRST, Action
from streams.core.decision import Decision, decision_id
from streams.core.moment import iso
from streams.core.ruling import Ruling

REMEMBERED: Final = 20  # rulings on one content that are known to be carried out


class Ruled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What rulings made of a content: table value of the role `enforce`, smaller than a ruling.

    Written by position: a new field goes to the end, with a default.
    """

    revision: int  # of the newest decision
    action: Action
    escalate: bool
    masked_text: str | None = None  # the last that there was: a decision that does not mask has none
    rulings: tuple[str, ...] = ()  # ids of those that were carried out, the newest last


class Revised(NamedTuple):
    """What one ruling made."""

    kept: Ruled
    decision: Decision


class Meaningless(Exception):
    """A ruling that says too little to be carried out; `field` is the one that is missing."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def ruled(kept: Ruled | None, ruling: Ruling, now: int) -> Revised | None:
    """Return what a ruling makes of a content, None where it was carried out already; `now` in ms since 1970.

    `notice` is left to whoever has the sentences, unless the action is the one that the moderator saw. Raise
    Meaningless for an override without an action, or one that masks where nobody knows the masked text.
    """
    before = _newest(kept, ruling.decision)
    if ruling.ruling_id in before.rulings:
        return None
    action, seen = _action(before.action, ruling), ruling.decision
    masked = ruling.masked_text or before.masked_text or seen.masked_text
    if ruling.act == "override" and action in MASKING and masked is None:
        raise Meaningless("masked_text")
    revision = before.revision + 1
    escalate = ruling.act == "escalate"  # whoever decides what is to happen has looked
    decision = structs.replace(
        seen,
        decision_id=decision_id(seen.content_id, revision),
        revision=revision,
        action=action,
        source="moderator",
        escalate=escalate,
        reason=_said(before.action, action, ruling),
        decided_at=iso(now),
        previous_action=before.action,
        masked_text=masked if action in MASKING else None,
        ruling_id=ruling.ruling_id,
        notice=seen.notice if action == seen.action else None,
        may_resubmit=action == "bounce",
        consequences=(),
    )
    return Revised(
        Ruled(revision, action, escalate, masked, (*before.rulings, ruling.ruling_id)[-REMEMBERED:]), decision
    )


def _newest(kept: Ruled | None, seen: Decision) -> Ruled:
    """Return what is in force: what is kept, or what the moderator saw where that is newer."""
    if kept is None:
        return Ruled(seen.revision, seen.action, seen.escalate, seen.masked_text)
    if kept.revision >= seen.revision:
        return kept
    masked = seen.masked_text or kept.masked_text
    return Ruled(seen.revision, seen.action, seen.escalate, masked, kept.rulings)


def _action(before: Action, ruling: Ruling) -> Action:
    match ruling.act:
        case "approve":
            return approved(before)
        case "override":
            if ruling.action is None:
                raise Meaningless("action")
            # What is returned the first time: what comes again is judged anew.
            return "bounce" if ruling.action in RETURNED_FIRST else ruling.action
        case _:
            return before


def _said(before: Action, after: Action, ruling: Ruling) -> str:
    """Return one sentence without a word of the moderator: `actions` holds nothing that anybody wrote."""
    match ruling.act:
        case "approve":
            return f"a moderator approved {before}" + ("" if before == after else f": {after}")
        case "override":
            return f"a moderator overrode {before} with {after}"
        case "escalate":
            return f"a moderator escalated it with priority {ruling.priority}"
        case _:
            return "a moderator took the escalation back"
