"""Positions: how far each partition was read. They move in the transaction that holds what was read."""

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from streams.store.tables import position

Place = tuple[str, int]  # topic without the prefix, partition


def positions(connection: Connection) -> dict[Place, int]:
    """Return the next offset of every partition that was read."""
    rows = connection.execute(select(position.c.topic, position.c.partition, position.c.next))
    return {(topic, partition): following for topic, partition, following in rows}


def move(connection: Connection, moved: Mapping[Place, int]) -> None:
    """Set the next offset of some partitions."""
    if not moved:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = insert(position)
    change = row.on_conflict_do_update(
        index_elements=[position.c.topic, position.c.partition], set_={"next": row.excluded.next}
    )
    connection.execute(
        change,
        [
            {"topic": topic, "partition": partition, "next": following}
            for (topic, partition), following in moved.items()
        ],
    )
