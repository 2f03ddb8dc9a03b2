"""What is like an item: by its author, with its text, with its pictures; counted, and some of each."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from streams.store.listing import rows_of
from streams.store.near import near
from streams.store.rows import Alike, Similar
from streams.store.scope import Scope, within
from streams.store.tables import item, media

SAMPLES: Final = 20
COUNTED: Final = 10_000  # at most: more are not counted


def similar(connection: Connection, scope: Scope, item_id: int) -> Similar | None:
    """Return what is like an item, itself left out; None for an item that is not in scope.

    Numbers end at COUNTED. Samples are open items, then closed ones, each the newest first.
    """
    asked = select(item.c.user_id, item.c.text_hash).where(item.c.id == item_id, within(scope))
    one = connection.execute(asked).one_or_none()
    if one is None:
        return None
    pictures = connection.execute(select(media.c.sha256, media.c.pdq).where(media.c.item_id == item_id)).all()
    hashes = {each.sha256 for each in pictures if each.sha256 is not None}
    looks = {other for each in pictures if each.pdq is not None for other in near(connection, each.pdq)}

    def alike(condition: ColumnElement[bool] | None) -> Alike:
        if condition is None:
            return Alike(0, 0, ())
        return _alike(connection, [condition, item.c.id != item_id, within(scope)])

    return Similar(
        author=alike(item.c.user_id == one.user_id),
        text=alike(None if one.text_hash is None else item.c.text_hash == one.text_hash),
        image=alike(_pictured(media.c.sha256.in_(hashes)) if hashes else None),
        near=alike(_pictured(media.c.pdq.in_(looks)) if looks else None),
    )


def _pictured(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return item.c.id.in_(select(media.c.item_id).where(condition))


def _alike(connection: Connection, conditions: list[ColumnElement[bool]]) -> Alike:
    counts = []
    ids: list[int] = []
    for is_open in (1, 0):
        these = [*conditions, item.c.open == is_open]
        some = select(item.c.id).where(*these).limit(COUNTED).subquery()
        counts.append(connection.execute(select(func.count()).select_from(some)).scalar_one())
        if counts[-1] and len(ids) < SAMPLES:
            newest = select(item.c.id).where(*these).order_by(item.c.opened_at.desc(), item.c.id.desc())
            ids += connection.scalars(newest.limit(SAMPLES - len(ids)))
    return Alike(counts[0], min(sum(counts), COUNTED), rows_of(connection, ids))
