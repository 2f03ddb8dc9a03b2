"""The queue: a scope and a filter in; a page of items, the next one to look at, or how many there are, out."""

from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, select, update

from streams.core.queue_filter import Filter
from streams.store import cursor as cursors
from streams.store.counting import counts
from streams.store.cursor import Place
from streams.store.filtering import unclaimed
from streams.store.listing import rows_of
from streams.store.queue_order import OF_ITEM, order
from streams.store.rows import Page
from streams.store.scope import Scope
from streams.store.tables import item
from streams.store.walking import Asked, walk

__all__ = ["counts", "next_item", "page"]

MOST: Final = 200  # rows of a page
CANDIDATES: Final = 25  # as many may ask for the next item at the same moment before one must ask again


def page(
    connection: Connection, scope: Scope, wanted: Filter, cursor: str | None, limit: int, account: str, now: int
) -> Page:
    """Return at most `limit` rows (1..MOST) that come after a cursor; the first ones without.

    `account` is who asks. Raises ForeignCursor for a cursor that was not made for this filter.
    """
    if not 1 <= limit <= MOST:
        raise ValueError(f"limit must be 1 to {MOST}")
    after = None if cursor is None else cursors.read(wanted, cursor, Place)
    places = walk(connection, Asked(scope, wanted, account, now), after, limit + 1)
    shown = places[:limit]
    following = cursors.written(wanted, shown[-1]) if len(places) > limit else None
    return Page(rows_of(connection, [place.id for place in shown]), following)


def next_item(
    connection: Connection, scope: Scope, wanted: Filter, account: str, lease_ms: int, now: int
) -> int | None:
    """Claim the worst open item of a filter that nobody holds, for `lease_ms`; return its id, None where there is none.

    Whatever the filter says of the status, only open ones are given. Never one item to two: needs `writing`.
    """
    wanted = replace(wanted, status="open")
    asked = Asked(scope, wanted, account, now)
    after = None
    while places := walk(connection, asked, after, CANDIDATES, [unclaimed(now)]):
        # What others have taken, or are taking, since then is passed over.
        free = select(item.c.id).where(item.c.id.in_([each.id for each in places]), item.c.open == 1, unclaimed(now))
        worst = free.order_by(*order(wanted, OF_ITEM)).limit(1).with_for_update(skip_locked=True)
        claim = update(item).where(item.c.id == worst.scalar_subquery()).returning(item.c.id)
        claim = claim.values(claimed_by=account, claimed_until=now + lease_ms, touched_at=now)
        given = connection.scalar(claim)
        if given is not None:
            return int(given)
        after = places[-1]
    return None
