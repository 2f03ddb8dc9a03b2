"""Positions: how far each partition was read. They move in the transaction that holds what was read."""

from sqlalchemy import Connection, delete, select

from streams.store.batch import Place
from streams.store.tables import position


def positions(connection: Connection) -> dict[Place, int]:
    """Return the next offset of every partition that was read."""
    rows = connection.execute(select(position.c.topic, position.c.partition, position.c.next))
    return {(topic, partition): following for topic, partition, following in rows}


def forget(connection: Connection, place: Place) -> None:
    """Remove how far a partition was read: taking only moves on, and here the log is not what it was."""
    topic, number = place
    connection.execute(delete(position).where(position.c.topic == topic, position.c.partition == number))
