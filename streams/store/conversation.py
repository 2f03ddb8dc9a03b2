"""The messages of a conversation around an item, in the order of the log, with what was decided on them."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from streams.core.label import TEXT_KINDS
from streams.store import cursor as cursors
from streams.store.cursor import Beside
from streams.store.listing import labels_of
from streams.store.rows import Conversation, Said
from streams.store.scope import Scope, within
from streams.store.tables import item, message

BEFORE: Final = 10  # messages: the context that was judged with (MODERATION.md)
AFTER: Final = 20
MOST: Final = 100


def conversation(
    connection: Connection, scope: Scope, item_id: int, before: int = BEFORE, after: int = AFTER
) -> Conversation | None:
    """Return an item's message with those before it and the replies after; None for an item that is not in scope.

    A picture or video has no place among the messages: those before it were there when it came. What was decided on a
    message is told where that is an item in scope.
    """
    found = _item(connection, scope, item_id)
    if found is None:
        return None
    own = _rows(connection, scope, found, message.c.content_id == found.content_id, 1, later=True)
    if not found.conversation_id:
        return _told(connection, found, own, None, None)
    here = own[0].place if own else _place_then(connection, found)
    earlier = _rows(connection, scope, found, message.c.place < here + (not own), before + 1, later=False)
    later = _rows(connection, scope, found, message.c.place > here, after + 1, later=True)
    shown = [*reversed(earlier[:before]), *own, *later[:after]]
    return _told(
        connection,
        found,
        shown,
        Beside(later=False, place=shown[0].place) if len(earlier) > before else None,
        Beside(later=True, place=shown[-1].place) if len(later) > after else None,
    )


def more(connection: Connection, scope: Scope, item_id: int, cursor: str, limit: int = AFTER) -> Conversation | None:
    """Return the messages (1..MOST) on one side of those that were shown; None for an item that is not in scope.

    Raises ForeignCursor for a cursor that is not from this item's conversation.
    """
    if not 1 <= limit <= MOST:
        raise ValueError(f"limit must be 1 to {MOST}")
    found = _item(connection, scope, item_id)
    if found is None:
        return None
    beside = cursors.read(_question(found), cursor, Beside)
    there = message.c.place > beside.place if beside.later else message.c.place < beside.place
    rows = _rows(connection, scope, found, there, limit + 1, later=beside.later)
    shown = rows[:limit] if beside.later else rows[:limit][::-1]
    onward = Beside(beside.later, rows[limit - 1].place) if len(rows) > limit else None
    return _told(connection, found, shown, *((None, onward) if beside.later else (onward, None)))


def _item(connection: Connection, scope: Scope, item_id: int) -> Any:
    columns = (item.c.id, item.c.content_id, item.c.tenant, item.c.conversation_id, item.c.received_at)
    return connection.execute(select(*columns).where(item.c.id == item_id, within(scope))).one_or_none()


def _here(found: Any) -> ColumnElement[bool]:
    """Return the condition on the texts of an item's conversation: two tenants may give one the same name."""
    return and_(
        message.c.conversation_id == found.conversation_id,
        message.c.tenant == found.tenant,
        message.c.kind.in_(sorted(TEXT_KINDS)),
    )


def _place_then(connection: Connection, found: Any) -> int:
    """Return the place of the last message when an item came that is none, or whose message is gone; -1 for none."""
    last = select(func.max(message.c.place)).where(_here(found), message.c.at <= found.received_at)
    place = connection.execute(last).scalar_one()
    return -1 if place is None else int(place)


def _rows(
    connection: Connection, scope: Scope, found: Any, there: ColumnElement[bool], limit: int, *, later: bool
) -> list[Any]:
    """Return messages of a conversation from a place on, in the direction in which they are read."""
    marks = select(item.c.id, item.c.content_id, item.c.action, item.c.open).where(within(scope)).subquery()
    order = message.c.place.asc() if later else message.c.place.desc()
    asked = (
        select(message, marks.c.id.label("item_id"), marks.c.action, marks.c.open)
        .outerjoin(marks, marks.c.content_id == message.c.content_id)
        .where(_here(found), there)
        .order_by(order, message.c.content_id)
        .limit(limit)
    )
    return list(connection.execute(asked))


def _told(
    connection: Connection, found: Any, rows: list[Any], earlier: Beside | None, later: Beside | None
) -> Conversation:
    labels = labels_of(connection, [row.item_id for row in rows if row.item_id is not None])
    question = _question(found)
    return Conversation(
        found.conversation_id,
        tuple(_said(row, labels.get(row.item_id, ()), here=row.content_id == found.content_id) for row in rows),
        *(None if place is None else cursors.written(question, place) for place in (earlier, later)),
    )


def _question(found: Any) -> tuple[str, int]:
    return "conversation", found.id


def _said(row: Any, labels: tuple[str, ...], *, here: bool) -> Said:
    return Said(
        content_id=row.content_id,
        kind=row.kind,
        user_id=row.user_id,
        user_role=row.user_role,
        at=row.at,
        place=row.place,
        text=row.text,
        language=row.language,
        item_id=row.item_id,
        action=row.action,
        open=None if row.open is None else bool(row.open),
        labels=labels,
        here=here,
    )
