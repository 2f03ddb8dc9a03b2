"""Rulings written: what they make of items in, every trace that they leave out, in one transaction.

The item and what was found of it, the ruling, what it said of the rules, the record for Kafka, the audit record.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, update

from streams.core.acting import Reviewed
from streams.core.audit import Event
from streams.core.harm import harm
from streams.core.label import SEVERITIES
from streams.core.ruling import Ruling
from streams.store.actor import Acted
from streams.store.auditing import append_all, kept
from streams.store.locking import Locked
from streams.store.outbox import put
from streams.store.tables import found, item, ruling, said


class Ruled(msgspec.Struct, frozen=True):
    """What one ruling changes, before it is written."""

    ruling: Ruling
    row: Locked
    after: Reviewed
    bulk_id: str | None = None
    of: int | None = None  # of the first of a bulk


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
