"""Positions: how far each partition was read. They move in the transaction that holds what was read."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from streams.store.database import upsert
from streams.store.tables import position

Place = tuple[str, int]  # topic without the prefix, partition


def positions(connection: Connection) -> dict[Place, int]:
    """Return the next offset of every partition that was read."""
    rows = connection.execute(select(position.c.topic, position.c.partition, position.c.next))
    return {(topic, partition): following for topic, partition, following in rows}


def move(connection: Connection, moved: Mapping[Place, int]) -> None:
    """Set the next offset of some partitions."""
    rows = [{"topic": topic, "partition": number, "next": offset} for (topic, number), offset in moved.items()]
    upsert(connection, position, rows, ["topic", "partition"], ["next"])
