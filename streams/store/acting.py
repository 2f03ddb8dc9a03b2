"""Acts on a review item: who, on what and why in; the item after it, its ruling, its record for Kafka and the log out.

Each is one transaction: item, ruling, what was said of the rules, record on its way, audit record. The same ruling id
twice is one act. Raised: NotThere, Forbidden, Changed, Wrong (`not_done`); nothing is changed then.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from streams.core.acting import Reviewed, hidden, reviewed
from streams.core.action import MASKING, Action
from streams.core.audit import Event
from streams.core.decision import Decision
from streams.core.harm import PRIORITIES, harm
from streams.core.label import SEVERITIES
from streams.core.review_rules import ReviewRules, by_default
from streams.core.rights import Right
from streams.core.ruling import Act, Ruling
from streams.store.actor import Acted, Actor
from streams.store.auditing import append_all, kept
from streams.store.locking import Locked, done, locked, unchanged
from streams.store.not_done import Changed, Forbidden, NotThere, Wrong
from streams.store.outbox import put
from streams.store.tables import found, item, ruling, said
from streams.store.written import REASON, identifier, written

__all__ = [
    "Acted",
    "Actor",
    "Changed",
    "Forbidden",
    "NotThere",
    "Rules",
    "Wish",
    "Wrong",
    "act",
    "approve",
    "deescalate",
    "escalate",
    "override",
    "undo",
]

# What a policy says of review, by its id.
Rules = Callable[[str], ReviewRules]

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


class Ruled(msgspec.Struct, frozen=True):
    """What one ruling changes, before it is written."""

    ruling: Ruling
    row: Locked
    after: Reviewed
    bulk_id: str | None = None
    of: int | None = None  # of the first of a bulk


def approve(
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    version: int | None,
    ruling_id: str,
    reason: str | None = None,
    rules: Rules = by_default,
    now: int,
) -> Acted:
    """Let the action stand, or what was flagged pass, and close the item."""
    return act(
        connection,
        actor,
        item_id,
        Wish("approve", reason=reason),
        version=version,
        ruling_id=ruling_id,
        rules=rules,
        now=now,
    )


def override(  # noqa: PLR0913 - what an act says, by name
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    version: int | None,
    ruling_id: str,
    action: Action,
    reason: str | None = None,
    rules: Rules = by_default,
    now: int,
) -> Acted:
    """Have another action hold, and close the item; raise Wrong where a text is to be masked and nobody knows where."""
    return act(
        connection,
        actor,
        item_id,
        Wish("override", action, reason=reason),
        version=version,
        ruling_id=ruling_id,
        rules=rules,
        now=now,
    )


def undo(
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    version: int | None,
    ruling_id: str,
    reason: str | None = None,
    rules: Rules = by_default,
    now: int,
) -> Acted:
    """Take back what was done: an override to `allow`, after which quarantine, mask and strike are undone."""
    return act(
        connection,
        actor,
        item_id,
        Wish("override", "allow", reason=reason),
        version=version,
        ruling_id=ruling_id,
        rules=rules,
        now=now,
    )


def escalate(  # noqa: PLR0913 - what an act says, by name
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    version: int | None,
    ruling_id: str,
    priority: int = 0,
    reason: str | None = None,
    rules: Rules = by_default,
    now: int,
) -> Acted:
    """Put an item before all that is not escalated; opens a closed one."""
    wish = Wish("escalate", priority=priority, reason=reason)
    return act(connection, actor, item_id, wish, version=version, ruling_id=ruling_id, rules=rules, now=now)


def deescalate(
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    version: int | None,
    ruling_id: str,
    reason: str | None = None,
    rules: Rules = by_default,
    now: int,
) -> Acted:
    """Put an escalated item back where it would be."""
    return act(
        connection,
        actor,
        item_id,
        Wish("deescalate", reason=reason),
        version=version,
        ruling_id=ruling_id,
        rules=rules,
        now=now,
    )


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
    """Do what somebody wants of an item; `version` is what he saw, None whatever it is."""
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
            decision,
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


def write(connection: Connection, many: Sequence[Ruled], now: int) -> list[Acted]:
    """Write rulings on items that are locked: each item once."""
    changes = [_changes(one, now) for one in many]
    connection.execute(_ITEM, changes)
    connection.execute(_FOUND, [{name: row[name] for name in ("row", "open", "harm")} for row in changes])
    connection.execute(insert(ruling), [_ruling(one, now) for one in many])
    _said(connection, [one for one in many if one.after.confirmed is not None], now)
    append_all(connection, "acts", [_event(connection, one) for one in many], now)
    put(connection, [one.ruling for one in many], now)
    return [Acted(one.row.id, one.row.version + 1, one.ruling.ruling_id) for one in many]


_CHANGED: Final = ("version", "open", "action", "escalated", "priority", "harm", "ruling_id", "closed_at", "touched_at")
# Whoever ruled is done with it: his claim ends.
_ITEM: Final = (
    update(item)
    .where(item.c.id == bindparam("row"))
    .values({name: bindparam(name) for name in _CHANGED} | {"claimed_by": None, "claimed_until": 0})
)
_FOUND: Final = (
    update(found)
    .where(found.c.item_id == bindparam("row"))
    .values({"open": bindparam("open"), "harm": bindparam("harm")})
)


def _changes(one: Ruled, now: int) -> dict[str, Any]:
    row, after = one.row, one.after
    return {
        "row": row.id,
        "version": row.version + 1,
        "open": int(after.open),
        "action": after.action,
        "escalated": int(after.escalated),
        "priority": after.priority,
        "harm": harm(
            SEVERITIES[row.severity - 1] if row.severity else None,
            row.confidence,
            row.found_by,
            escalated=after.escalated,
            priority=after.priority,
        ),
        "ruling_id": one.ruling.ruling_id,
        "closed_at": None if after.open else now,
        "touched_at": now,
    }


def _ruling(one: Ruled, now: int) -> dict[str, Any]:
    confirmed = one.after.confirmed
    return {
        "id": one.ruling.ruling_id,
        "item_id": one.row.id,
        "act": one.ruling.act,
        "by": one.ruling.by,
        "at": now,
        "from_action": one.row.action,
        "to_action": one.after.action,
        "reason": one.ruling.reason,
        "confirmed": None if confirmed is None else int(confirmed),
        "bulk_id": one.bulk_id,
    }


def _said(connection: Connection, many: Sequence[Ruled], now: int) -> None:
    """Note of each rule that triggered whether it was right, in place of what was said of it before."""
    if not many:
        return
    connection.execute(delete(said).where(said.c.item_id.in_([one.row.id for one in many])))
    rows: dict[tuple[int, str, str], dict[str, Any]] = {}
    for one in many:
        for triggered in one.ruling.decision.triggered:
            key = (one.row.id, triggered.engine, triggered.rule)
            about = rows.setdefault(
                key,
                {
                    "item_id": one.row.id,
                    "policy_id": one.row.policy_id,
                    "engine": triggered.engine,
                    "rule": triggered.rule,
                    "label": triggered.label,
                    "confidence": triggered.confidence,
                    "confirmed": int(bool(one.after.confirmed)),
                    "at": now,
                },
            )
            if triggered.confidence is not None:
                about["confidence"] = max(about["confidence"] or 0.0, triggered.confidence)
    if rows:
        connection.execute(insert(said), list(rows.values()))


def _event(connection: Connection, one: Ruled) -> Event:
    ruling_, row = one.ruling, one.row
    return Event(
        act=ruling_.act,
        by=ruling_.by,
        content_id=row.content_id,
        item_id=row.id,
        user_id=row.user_id,
        version=row.version + 1,
        id=ruling_.ruling_id,
        bulk_id=one.bulk_id,
        of=one.of,
        from_action=row.action,
        to_action=one.after.action,
        priority=one.after.priority if ruling_.act == "escalate" else None,
        reason=None if ruling_.reason is None else kept(connection, ruling_.reason, row.user_id),
    )
