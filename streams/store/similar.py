"""What is like an item: by its author, with its text, with its pictures; counted, and some of each."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from streams.store.listing import rows_of
from streams.store.near import near
from streams.store.rows import Alike, Similar
from streams.store.scope import Scope, within
from streams.store.tables import item, media

SAMPLES: Final = 20
COUNTED: Final = 1_000  # at most: more are not counted, and samples are of these
NONE: Final = Alike(0, 0, ())


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
            return NONE
        return _alike(connection, (condition, item.c.id != item_id, within(scope)))

    return Similar(
        author=alike(item.c.user_id == one.user_id),
        text=alike(None if one.text_hash is None else item.c.text_hash == one.text_hash),
        image=alike(_pictured(media.c.sha256.in_(hashes)) if hashes else None),
        near=alike(_pictured(media.c.pdq.in_(looks)) if looks else None),
    )


def _pictured(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return item.c.id.in_(select(media.c.item_id).where(condition))


def _alike(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> Alike:
    some = select(item.c.id, item.c.open, item.c.opened_at).where(*conditions).limit(COUNTED).subquery()
    numbers = (func.count().over().label("number"), func.sum(some.c.open).over().label("open"))
    newest = (some.c.open.desc(), some.c.opened_at.desc(), some.c.id.desc())
    rows = connection.execute(select(some.c.id, *numbers).order_by(*newest).limit(SAMPLES)).all()
    if not rows:
        return NONE
    return Alike(rows[0].open, rows[0].number, rows_of(connection, [row.id for row in rows]))
