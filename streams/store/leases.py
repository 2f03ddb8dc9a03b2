"""Leases: who alone does a thing for a while. A name and a holder in, whether it is the holder's out.

Asked in the transaction that does the work, a lease keeps two processes apart whatever their clocks say: whoever asks
locks the row until his transaction has ended.
"""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from streams.store.tables import lease


def hold(connection: Connection, name: str, holder: str, lease_ms: int, now: int) -> bool:
    """Take a lease, or keep it, for `lease_ms` milliseconds; say whether it is the holder's then.

    It is not where another one holds it and his time is not over.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = insert(lease).values(name=name, holder=holder, until=now + lease_ms)
    free = (lease.c.holder == holder) | (lease.c.until <= now)
    taken = row.on_conflict_do_update(
        index_elements=[lease.c.name], set_={"holder": row.excluded.holder, "until": row.excluded.until}, where=free
    )
    return connection.execute(taken.returning(lease.c.name)).first() is not None


def let_go(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back; does nothing where it is another one's."""
    connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def holder_of(connection: Connection, name: str, now: int) -> str | None:
    """Return who holds a lease now, None where nobody does."""
    held = select(lease.c.holder).where(lease.c.name == name, lease.c.until > now)
    return connection.execute(held).scalar_one_or_none()
