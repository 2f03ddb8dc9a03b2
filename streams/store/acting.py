"""Acts on a review item: who, on what and why in; the item after it, its ruling, its record for Kafka and the log out.

Each is done within one transaction. The same ruling id twice is one act. Raised: NotThere, Forbidden, Changed, Wrong
(`not_done`); nothing is changed then.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from streams.core.acting import Reviewed, hidden, reviewed
from streams.core.action import MASKING, Action
from streams.core.decision import Decision
from streams.core.harm import PRIORITIES
from streams.core.kept_decision import TooLarge
from streams.core.kept_decision import kept as decision_kept
from streams.core.review_rules import ReviewRules, by_default
from streams.core.rights import Right
from streams.core.ruling import Act, Ruling
from streams.store.actor import Acted, Actor
from streams.store.locking import Locked, done, locked, unchanged
from streams.store.not_done import Wrong
from streams.store.rulings import Ruled, write
from streams.store.tables import ruling
from streams.store.written import REASON, identifier, written

# What a policy says of review, by its id.
Rules = Callable[[str], ReviewRules]

# Bytes of a decision and a masked text in a ruling: the record stays below the largest one that is read (262,144).
LARGEST: Final = 240_000

_decision: Final = msgspec.json.Decoder(Decision).decode


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants of an item."""

    act: Act
    action: Action | None = None  # of `override`
    priority: int = 0  # 0..3, of `escalate`
    reason: str | None = None  # at most 256 characters

    @property
    def right(self) -> Right:
        """Return the right that it takes."""
        return self.act

    def checked(self) -> "Wish":
        """Return it as it is kept; raise Wrong where it is none."""
        if (self.action is None) == (self.act == "override"):
            raise Wrong("an override, and nothing else, says to which action")
        if not 0 <= self.priority < PRIORITIES:
            raise Wrong(f"a priority is 0 to {PRIORITIES - 1}")
        return msgspec.structs.replace(self, reason=written(self.reason, "reason", REASON))


def act(
    connection: Connection,
    actor: Actor,
    item_id: int,
    wish: Wish,
    *,
    version: int | None,
    ruling_id: str,
    rules: Rules = by_default,
    now: int,
) -> Acted:
    """Do what somebody wants of an item; `version` is what he saw, None whatever it is.

    approve lets the action stand, or what was flagged pass; override has another action hold, and undo is one to
    `allow`, after which quarantine, mask and strike are undone: both close the item. escalate puts it before all that
    is not escalated and opens a closed one, deescalate puts it back where it would be.
    """
    wish = wish.checked()
    identifier(ruling_id, "ruling")
    row = locked(connection, actor, item_id, wish.right)
    if (before := repeated(connection, actor, row, wish, ruling_id)) is not None:
        return before
    unchanged(connection, row, version)
    return write(connection, [ruled(row, actor, wish, ruling_id, rules, now)], now)[0]


def ruled(row: Locked, actor: Actor, wish: Wish, ruling_id: str, rules: Rules, now: int) -> Ruled:
    """Return what a ruling makes of an item; raise Wrong where it cannot be."""
    if row.erased_at is not None:
        raise Wrong("the content was erased: there is nothing left to rule about")
    if wish.act in rules(row.policy_id).require_reason and wish.reason is None:
        raise Wrong(f"the policy wants a reason for this: {wish.act}")
    if wish.act == "deescalate" and not row.escalated:
        raise Wrong("the item is not escalated")
    decision = _decision(row.decision)
    before = Reviewed(row.action, bool(row.open), bool(row.escalated), row.priority)
    after = reviewed(wish.act, before, wish.action, wish.priority)
    mask = None
    if wish.action in MASKING and decision.masked_text is None:
        mask = hidden(decision, wish.action, row.text)
        if mask is None:
            raise Wrong("nothing to mask: no rule says where in the text it triggered")
    return Ruled(
        Ruling(
            ruling_id,
            wish.act,
            _fitting(decision, mask),
            actor.account,
            now,
            action=wish.action,
            masked_text=mask,
            priority=wish.priority,
            reason=wish.reason,
        ),
        row,
        after,
    )


def _fitting(decision: Decision, mask: str | None) -> Decision:
    """Return a decision with as much of its evidence as fits into a ruling."""
    try:
        return decision_kept(decision, masked_text=True, largest=LARGEST - len(msgspec.json.encode(mask))).decision
    except TooLarge:
        raise Wrong("the decision is too large for a record, even without its evidence") from None


def repeated(connection: Connection, actor: Actor, row: Locked, wish: Wish, ruling_id: str) -> Acted | None:
    """Return what came of a ruling that was done already, None for a new one; raise Wrong for another one's id."""
    chosen = select(ruling.c.item_id, ruling.c.by, ruling.c.act).where(ruling.c.id == ruling_id)
    before = connection.execute(chosen).first()
    if before is None:
        return None
    if tuple(before) != (row.id, actor.account, wish.act):
        raise Wrong("this id names another ruling: each has its own")
    body = done(connection, row, ruling_id)
    return Acted(row.id, row.version if body is None or body.version is None else body.version, ruling_id)
