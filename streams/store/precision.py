"""What rulings said of rules: a scope in, the precision of each rule and the threshold that it suggests out."""

from sqlalchemy import ColumnElement, Connection, Integer, cast, func, select

from streams.core.precision import LEAST, TARGET, TENTHS, Counted, RulePrecision, precisions
from streams.store.scope import EVERYTHING, Scope, within
from streams.store.tables import item, said


def counted(connection: Connection, scope: Scope = EVERYTHING, since: int = 0) -> tuple[Counted, ...]:
    """Return how rulings since a moment (milliseconds since 1970) ended, by rule, label and tenth of a confidence.

    Of an item its last ruling counts. One row for each tenth at most, however much was ruled.
    """
    tenths = _floor(connection, said.c.confidence * TENTHS).label("tenths")
    name = (said.c.policy_id, said.c.engine, said.c.rule, said.c.label)
    asked = select(*name, tenths, func.sum(said.c.confirmed).label("confirmed"), func.count().label("ruled"))
    if scope != EVERYTHING:
        asked = asked.join(item, item.c.id == said.c.item_id).where(within(scope))
    if since:
        asked = asked.where(said.c.at >= since)
    rows = connection.execute(asked.group_by(*name, tenths))
    return tuple(
        Counted(
            each.policy_id,
            each.engine,
            each.rule,
            each.label,
            None if each.tenths is None else int(each.tenths),
            int(each.confirmed),
            each.ruled - int(each.confirmed),
        )
        for each in rows
    )


def of_rules(
    connection: Connection, scope: Scope = EVERYTHING, since: int = 0, *, target: float = TARGET, least: int = LEAST
) -> tuple[RulePrecision, ...]:
    """Return what the rulings of a scope say of each rule; `target` and `least` as `core/precision.precisions`."""
    return precisions(counted(connection, scope, since), target, least)


def _floor(connection: Connection, value: ColumnElement[float]) -> ColumnElement[int]:
    """Return a number of 0 or more rounded down. PostgreSQL's cast rounds, and not every SQLite has `floor`."""
    return cast(value if connection.dialect.name == "sqlite" else func.floor(value), Integer)
