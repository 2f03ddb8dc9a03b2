"""Retention: what nobody needs any more goes, a small batch at a time, so that nobody waits. The audit log stays.

Every function removes at most `limit` of the oldest rows from before a moment, and returns how many rows that were.
Moments are milliseconds since 1970.
"""

from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, exists, select

from streams.store.tables import decision, item, message, outcome

LIMIT: Final = 1_000  # rows of one batch: some tens of milliseconds


def old_messages(connection: Connection, before: int, limit: int = LIMIT) -> int:
    """Remove texts whose record is older, unless an open item lies in their conversation."""
    beside = exists().where(item.c.conversation_id == message.c.conversation_id, item.c.open == 1)
    kept = (message.c.conversation_id != "") & beside
    old = select(message.c.content_id).where(message.c.at < before, ~kept).order_by(message.c.at).limit(limit)
    return _removed(connection, message, message.c.content_id.in_(old))


def closed_items(connection: Connection, before: int, limit: int = LIMIT) -> int:
    """Remove items that were closed earlier, with all that belongs to them: decisions, outcomes, notes, rulings."""
    old = (
        select(item.c.content_id)
        .where(item.c.open == 0, item.c.closed_at < before)
        .order_by(item.c.closed_at)
        .limit(limit)
    )
    ids = connection.execute(old).scalars().all()
    if ids:
        for table in (decision, outcome, item):  # notes, rulings and the rest go with their item
            connection.execute(delete(table).where(table.c.content_id.in_(ids)))
    return len(ids)


def stray_outcomes(connection: Connection, before: int, limit: int = LIMIT) -> int:
    """Remove outcomes, older, of contents that never became an item."""
    return _strays(connection, outcome, before, limit)


def stray_decisions(connection: Connection, before: int, limit: int = LIMIT) -> int:
    """Remove decisions, older, on contents that never became an item."""
    return _strays(connection, decision, before, limit)


def _strays(connection: Connection, table: Table, before: int, limit: int) -> int:
    nobodys = ~exists().where(item.c.content_id == table.c.content_id)
    old: Select[tuple[str]] = select(table.c.content_id).where(table.c.at < before, nobodys).distinct().limit(limit)
    return _removed(connection, table, table.c.content_id.in_(old))


def _removed(connection: Connection, table: Table, chosen: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(chosen)).rowcount
