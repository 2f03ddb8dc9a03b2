"""Statements over many rows at once that both databases understand, each in its own words."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, String, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from streams.store.failure import Unavailable


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    keys: Collection[str],
    changes: Collection[str],
    rising: str | None = None,
) -> None:
    """Insert rows; where one with the same keys is there already, change the named columns of it, if any.

    With `rising`, the name of a column, only where its new value is not below the old one: what is newer stays.
    Keys may repeat among the rows: the last one counts.
    """
    if not rows:
        return
    insert = _insert(connection, table)
    if changes:
        old: Column[Any] | None = None if rising is None else table.c[rising]
        statement = insert.on_conflict_do_update(
            index_elements=list(keys),
            set_={name: insert.excluded[name] for name in changes},
            where=None if old is None else insert.excluded[old.name] >= old,
        )
    else:
        statement = insert.on_conflict_do_nothing(index_elements=list(keys))
    connection.execute(statement, list(rows))


def inserted(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: str, wanted: str
) -> dict[Any, Any]:
    """Insert rows with new keys; return a column that the database fills, by key.

    Raises Unavailable where another transaction was faster: the next try finds its rows.
    """
    if not rows:
        return {}
    try:
        connection.execute(_insert(connection, table), list(rows))
    except IntegrityError:
        raise Unavailable("the database: another process inserted the same: try again") from None
    # As two statements: with `RETURNING`, psycopg would have to take one of many thousand parameters apart.
    made = select(table.c[key], table.c[wanted]).where(among(connection, table.c[key], [row[key] for row in rows]))
    return {row[0]: row[1] for row in connection.execute(made)}


def among(connection: Connection, column: Column[str], values: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of many values, as one parameter: as fast as a list of them is not."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), postgresql.ARRAY(String)))
    each = func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value")
    return column.in_(select(each.c.value))


def _insert(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
