"""How much waits: open items in scope by severity, and since when the oldest of them does."""

from typing import Final

from sqlalchemy import Connection, func, select

from streams.core.harm import rank_of
from streams.core.label import SEVERITIES
from streams.store.rows import Waiting
from streams.store.scope import Scope, within
from streams.store.tables import item

_WORST_FIRST: Final = (*reversed(SEVERITIES), None)


def counts(connection: Connection, scope: Scope) -> tuple[Waiting, ...]:
    """Return what waits of each severity, the worst first, at last what has none."""
    grouped = select(item.c.severity, func.count().label("number"), func.min(item.c.opened_at).label("oldest"))
    rows = connection.execute(grouped.where(item.c.open == 1, within(scope)).group_by(item.c.severity))
    known = {row.severity: (row.number, row.oldest) for row in rows}
    return tuple(Waiting(name, *known.get(rank_of(name), (0, None))) for name in _WORST_FIRST)
