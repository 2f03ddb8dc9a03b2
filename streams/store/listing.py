"""Ids of items in, the rows that a list shows out, in the same order."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from streams.core.label import SEVERITIES, Severity
from streams.store.rows import Row
from streams.store.tables import found, item, media

EXCERPT: Final = 280  # characters of a text

_COLUMNS: Final = (
    item.c.id,
    item.c.content_id,
    item.c.kind,
    item.c.tenant,
    item.c.user_id,
    item.c.conversation_id,
    item.c.language,
    item.c.version,
    item.c.open,
    item.c.action,
    item.c.severity,
    item.c.confidence,
    item.c.found_by,
    item.c.escalated,
    item.c.priority,
    item.c.opened_at,
    item.c.closed_at,
    item.c.claimed_by,
    item.c.claimed_until,
    item.c.assigned_to,
    func.substr(item.c.text, 1, EXCERPT).label("text"),
)


def rows_of(connection: Connection, ids: Sequence[int]) -> tuple[Row, ...]:
    """Return the rows of items that exist. It asks for no scope: the ids must come from a reading that did."""
    if not ids:
        return ()
    labels = labels_of(connection, ids)
    counted = select(media.c.item_id, func.count().label("pictures")).where(media.c.item_id.in_(ids))
    pictures = {each.item_id: each.pictures for each in connection.execute(counted.group_by(media.c.item_id))}
    rows = {each.id: each for each in connection.execute(select(*_COLUMNS).where(item.c.id.in_(ids)))}
    return tuple(_row(rows[one], labels.get(one, ()), pictures.get(one, 0)) for one in ids if one in rows)


def labels_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the labels that were found of items, each once, in order of the alphabet."""
    asked = select(found.c.item_id, found.c.label).where(found.c.item_id.in_(ids)).distinct()
    labels: dict[int, list[str]] = {}
    for each in connection.execute(asked.order_by(found.c.item_id, found.c.label)):
        labels.setdefault(each.item_id, []).append(each.label)
    return {one: tuple(names) for one, names in labels.items()}


def severity_of(rank: int) -> Severity | None:
    """Return the severity of a rank (`core/harm.rank_of`)."""
    return None if rank == 0 else SEVERITIES[rank - 1]


def _row(each: Any, labels: tuple[str, ...], pictures: int) -> Row:
    values = {**each._mapping, "open": bool(each.open), "escalated": bool(each.escalated)}  # noqa: SLF001  its public name
    return Row(**{**values, "severity": severity_of(each.severity), "labels": labels, "media": pictures})
