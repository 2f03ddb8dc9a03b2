"""What is known of a user: a scope and an id in, role, standing, past violations and how they ended out."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from streams.core.restriction import Standing, strikes_at
from streams.store.listing import labels_of
from streams.store.rows import Ended, UserCard
from streams.store.scope import EVERYTHING, Scope, within
from streams.store.tables import item, ruling, standing

PAST: Final = 20  # items
COUNTED: Final = 1_000  # at most: more are not counted

_reader: Final = msgspec.json.Decoder(Standing)


def user_card(connection: Connection, scope: Scope, user_id: str, now: int) -> UserCard | None:
    """Return what is known of a user; None where no item of him is in scope, and for one of whom nothing is known.

    Who sees everything also sees users without items. Numbers of items end at COUNTED.
    """
    his = (item.c.user_id == user_id, within(scope))
    past = _past(connection, his)
    record = connection.execute(select(standing.c.record).where(standing.c.user_id == user_id)).scalar_one_or_none()
    if not past and (record is None or scope != EVERYTHING):
        return None
    known = Standing(user_id, 0) if record is None else _reader.decode(record)
    shown = _shown(connection, scope, known)
    newest = past[0] if past else None
    return UserCard(
        user_id=user_id,
        role=None if newest is None else newest.user_role,
        created_at=None if newest is None else newest.user_created_at,
        trusted=known.trusted if newest is None or known.trusted is not None else newest.user_trusted,
        violations=known.violations,
        strikes=strikes_at(known, now),
        struck=tuple(each for each in known.strikes if _lasts(each.until, now) and each.content_id in shown),
        restrictions=tuple(each for each in known.restrictions if _lasts(each.until, now)),
        past=tuple(each for each in reversed(known.past) if each.content_id in shown),
        items=_ended(connection, past),
        open=_number(connection, (*his, item.c.open == 1)),
        closed=_number(connection, (*his, item.c.open == 0)),
    )


def _lasts(until: int | None, now: int) -> bool:
    return until is None or now < until


def _past(connection: Connection, his: Sequence[ColumnElement[bool]]) -> list[Any]:
    columns = ("id", "content_id", "first_action", "action", "open", "opened_at")
    told = ("user_role", "user_created_at", "user_trusted")
    rows: list[Any] = []
    for is_open in (1, 0):
        newest = select(*(item.c[name] for name in (*columns, *told))).where(*his, item.c.open == is_open)
        rows += connection.execute(newest.order_by(item.c.opened_at.desc()).limit(PAST))
    return sorted(rows, key=lambda row: (row.opened_at, row.id), reverse=True)[:PAST]


def _shown(connection: Connection, scope: Scope, known: Standing) -> Collection[str]:
    """Return the contents of a standing that may be named: all of them, or those that are items in scope."""
    contents = {each.content_id for each in known.strikes} | {each.content_id for each in known.past}
    if scope == EVERYTHING or not contents:
        return contents
    return set(connection.scalars(select(item.c.content_id).where(item.c.content_id.in_(contents), within(scope))))


def _ended(connection: Connection, past: Sequence[Any]) -> tuple[Ended, ...]:
    ids = [row.id for row in past]
    labels = labels_of(connection, ids)
    ruled = select(ruling.c.item_id, ruling.c.by, ruling.c.confirmed).where(ruling.c.item_id.in_(ids))
    last = {row.item_id: row for row in connection.execute(ruled.order_by(ruling.c.at))}
    return tuple(
        Ended(
            item_id=row.id,
            content_id=row.content_id,
            labels=labels.get(row.id, ()),
            first_action=row.first_action,
            action=row.action,
            open=bool(row.open),
            opened_at=row.opened_at,
            ruled_by=last[row.id].by if row.id in last else None,
            confirmed=confirmed(last[row.id].confirmed) if row.id in last else None,
        )
        for row in past
    )


def confirmed(said: int | None) -> bool | None:
    """Return what a ruling said of the rules: whether they were right, None for nothing."""
    return None if said is None else bool(said)


def _number(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
    some = select(item.c.id).where(*conditions).limit(COUNTED).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())
