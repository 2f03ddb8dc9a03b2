"""Saved queues: filters under names, an account's own and those that are everybody's."""

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, or_, select

from streams.core.queue_filter import Filter
from streams.store.rows import SavedQueue
from streams.store.statements import upsert
from streams.store.tables import saved_queue

EVERYBODY: Final = ""  # as the owner
LONGEST: Final = 64  # characters of a name

_reader: Final = msgspec.json.Decoder(Filter)


def queues(connection: Connection, account: str) -> tuple[SavedQueue, ...]:
    """Return the queues that an account sees: everybody's, then its own, each by name."""
    seen = select(saved_queue).where(or_(saved_queue.c.owner == EVERYBODY, saved_queue.c.owner == account))
    rows = connection.execute(seen.order_by(saved_queue.c.owner, saved_queue.c.name))
    return tuple(SavedQueue(row.id, row.name, row.owner, _reader.decode(row.query)) for row in rows)


def save(connection: Connection, owner: str, name: str, wanted: Filter) -> int:
    """Keep a filter under a name, in place of the one that its owner had there; return its id.

    Raises ValueError for a name that is empty or too long.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST:
        raise ValueError(f"a queue's name has 1 to {LONGEST} characters")
    row = {"owner": owner, "name": name, "query": msgspec.json.encode(wanted).decode()}
    upsert(connection, saved_queue, [row], ("owner", "name"), ("query",))
    kept = select(saved_queue.c.id).where(saved_queue.c.owner == owner, saved_queue.c.name == name)
    return int(connection.execute(kept).scalar_one())


def remove(connection: Connection, owner: str, queue_id: int) -> bool:
    """Delete a queue of an owner; say whether there was one."""
    gone = delete(saved_queue).where(saved_queue.c.id == queue_id, saved_queue.c.owner == owner)
    return connection.execute(gone).rowcount == 1
