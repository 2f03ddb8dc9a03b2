"""The queue: a scope and a filter in; a page of items, the next one to look at, or how many there are, out."""

from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select, select, update

from streams.core.queue_filter import Filter
from streams.store import cursor as cursors
from streams.store.counting import counts
from streams.store.cursor import Place
from streams.store.filtering import conditions, unclaimed
from streams.store.listing import rows_of
from streams.store.queue_order import COLUMNS, Stretch, place_of, stretches
from streams.store.rows import Page
from streams.store.scope import Scope, within
from streams.store.tables import item

__all__ = ["counts", "next_item", "page"]

MOST: Final = 200  # rows of a page


def page(
    connection: Connection, scope: Scope, wanted: Filter, cursor: str | None, limit: int, account: str, now: int
) -> Page:
    """Return at most `limit` rows (1..MOST) that come after a cursor; the first ones without.

    `account` is who asks. Raises ForeignCursor for a cursor that was not made for this filter.
    """
    if not 1 <= limit <= MOST:
        raise ValueError(f"limit must be 1 to {MOST}")
    after = None if cursor is None else cursors.read(wanted, cursor, Place)
    asked = [within(scope), *conditions(wanted, connection.dialect.name, account, now)]
    keys: list[Any] = []
    for stretch in stretches(wanted, after):
        keys += connection.execute(_statement(stretch, asked).limit(limit + 1 - len(keys)))
        if len(keys) > limit:
            break
    shown = keys[:limit]
    following = cursors.written(wanted, place_of(wanted, shown[-1])) if len(keys) > limit else None
    return Page(rows_of(connection, [key.id for key in shown]), following)


def next_item(
    connection: Connection, scope: Scope, wanted: Filter, account: str, lease_ms: int, now: int
) -> int | None:
    """Claim the worst open item of a filter that nobody holds, for `lease_ms`; return its id, None where there is none.

    Whatever the filter says of the status, only open ones are given. Never one item to two: needs `writing`.
    """
    wanted = replace(wanted, status="open")
    asked = [within(scope), unclaimed(now), *conditions(wanted, connection.dialect.name, account, now)]
    for stretch in stretches(wanted, None):
        free = _statement(stretch, asked).limit(1).with_for_update(of=item, skip_locked=True)
        given = connection.execute(free).first()
        if given is not None:
            claim = update(item).where(item.c.id == given.id)
            connection.execute(claim.values(claimed_by=account, claimed_until=now + lease_ms, touched_at=now))
            return int(given.id)
    return None


def _statement(stretch: Stretch, asked: list[ColumnElement[bool]]) -> Select[Any]:
    return select(*COLUMNS).where(*stretch.conditions, *asked).order_by(*stretch.order)
