"""How much waits: open items in scope by severity, and since when the oldest of them does.

To count takes longer the more there are: about a tenth of a second for a million, as read from an index. Who shows
numbers all the time keeps a `Tally`.
"""

from threading import Lock
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, func, select

from streams.core.harm import BELOW_RANK, RANKS, rank_of
from streams.core.label import SEVERITIES
from streams.store.queue_order import OF_FOUND, OF_ITEM
from streams.store.rows import Waiting
from streams.store.scope import EVERYTHING, Scope, parts, within
from streams.store.tables import found, item

FEW: Final = 20_000  # open items: they are counted every time
PER_ITEM: Final = 0.01  # milliseconds that a number is kept: some fifty times what it takes to count an item
SCOPES: Final = 1_000  # that are kept at most

_WORST_FIRST: Final = (*reversed(SEVERITIES), None)


class Counted(msgspec.Struct, frozen=True):
    """What waits of each severity, and when that was so."""

    waiting: tuple[Waiting, ...]
    at: int  # milliseconds since 1970


class Tally:
    """Numbers that are kept for a while where they are large; many threads may ask, one counts for each scope."""

    def __init__(self, few: int = FEW) -> None:
        self._few = few
        self._lock = Lock()
        self._known: dict[Scope, Counted] = {}
        self._counting: set[Scope] = set()

    def counts(self, connection: Connection, scope: Scope, now: int) -> Counted:
        """Return what waits in scope: counted now, or a while ago where there is much."""
        with self._lock:
            known = self._known.get(scope)
            if known is not None and (scope in self._counting or 0 <= now - known.at < self._kept_for(known)):
                return known
            self._counting.add(scope)
        try:
            counted = Counted(counts(connection, scope), now)
            with self._lock:
                if len(self._known) >= SCOPES:
                    self._known.clear()
                self._known[scope] = counted
            return counted
        finally:
            with self._lock:
                self._counting.discard(scope)

    def _kept_for(self, counted: Counted) -> float:
        number = sum(each.open for each in counted.waiting)
        return 0.0 if number < self._few else number * PER_ITEM


def counts(connection: Connection, scope: Scope) -> tuple[Waiting, ...]:
    """Return what waits of each severity, the worst first, at last what has none."""
    known = {row.rank: (row.number, row.oldest) for row in connection.execute(_statement(scope))}
    return tuple(Waiting(name, *known.get(rank_of(name), (0, None))) for name in _WORST_FIRST)


def _statement(scope: Scope) -> Select[Any]:
    """Ask what indexes hold: the severity stands in the harm, and what is found of an item tells its harm as well."""
    (part, *others) = parts(scope)
    by_label = bool(part.labels) and not others
    keys = OF_FOUND if by_label else OF_ITEM
    rank = (keys.harm // BELOW_RANK % RANKS).label("rank")
    number = func.count(keys.id.distinct()) if by_label else func.count()
    columns: list[Any] = [rank, number.label("number"), func.min(keys.at).label("oldest")]
    asked = select(*columns).where(keys.open == 1)
    if by_label:
        asked = asked.where(found.c.label.in_(part.labels or ()))
        if part.tenants is not None:
            asked = asked.join_from(found, item, item.c.id == found.c.item_id).where(item.c.tenant.in_(part.tenants))
    elif scope != EVERYTHING:
        asked = asked.where(within(scope))
    return asked.group_by(rank)
