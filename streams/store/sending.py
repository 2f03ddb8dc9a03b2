"""The other end of the outbox: records that wait for Kafka out, in their order; those that it has are removed.

A row's value is its record as JSON, whatever the wire form: whoever sends it writes it as the settings say.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from streams.store.tables import outbox


class Unsent(NamedTuple):
    """A record on its way."""

    id: int
    topic: str  # without the prefix
    key: bytes
    value: bytes  # JSON
    name: str  # CloudEvents id
    subject: str
    record: str  # schema
    at: int  # milliseconds since 1970


def waiting(connection: Connection, limit: int) -> list[Unsent]:
    """Return the oldest records that wait, in the order in which they were put."""
    columns = (outbox.c[name] for name in Unsent._fields)
    rows = connection.execute(select(*columns).order_by(outbox.c.id).limit(limit))
    return [Unsent(*row) for row in rows]


def sent(connection: Connection, ids: Sequence[int]) -> None:
    """Remove records that the brokers have."""
    if ids:
        connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))


def depth(connection: Connection) -> int:
    """Return how many records wait."""
    return connection.execute(select(func.count()).select_from(outbox)).scalar_one()
