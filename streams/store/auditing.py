"""The audit log in the store: events in, their records at the end of a chain.

Who appends holds the chain's end until his transaction is over, so that numbers have no gaps and nobody forks it; it
is the last thing that a transaction locks.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, insert, select, update

from streams.core.audit import EMPTY, Chain, Event, Head, Record, appended, digest
from streams.store.database import upsert
from streams.store.tables import audit, audit_head, audit_text

BATCH = 1000  # records that are read at once


def append(connection: Connection, chain: Chain, event: Event, now: int) -> Record:
    """Append an event to a chain and return its record; `now` in milliseconds since 1970."""
    return append_all(connection, chain, [event], now)[0]


def append_all(connection: Connection, chain: Chain, events: Iterable[Event], now: int) -> list[Record]:
    """Append events to a chain, in this order, and return their records."""
    head = _locked(connection, chain)
    records: list[Record] = []
    for event in events:
        records.append(appended(chain, head, event, now))
        head = Head(records[-1].seq, records[-1].hash)
    if records:
        rows = [
            {"chain": chain, "seq": one.seq, "hash": one.hash, "body": one.body, "at": one.at}
            | {"content_id": one.content_id}
            for one in records
        ]
        connection.execute(insert(audit), rows)
        connection.execute(
            update(audit_head).where(audit_head.c.chain == chain).values(seq=head.seq, hash=head.hash)
        )
    return records


def kept(connection: Connection, text: str, user_id: str = "") -> str:
    """Keep a text that a person wrote about a user's content apart from the chain; return its digest for an event."""
    salt = secrets.token_hex(16)
    mark = digest(salt, text)
    connection.execute(insert(audit_text), {"digest": mark, "salt": salt, "text": text, "user_id": user_id})
    return mark


def head_of(connection: Connection, chain: Chain) -> Head:
    """Return the end of a chain, as it is noted."""
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.chain == chain)).first()
    return EMPTY if row is None else Head(row.seq, row.hash)


def records(
    connection: Connection, chain: Chain, first: int = 1, last: int | None = None, batch: int = BATCH
) -> Iterator[list[Record]]:
    """Yield the records of a chain from number `first` to `last`, in the order of their numbers, in batches."""
    columns = select(audit.c.seq, audit.c.hash, audit.c.body, audit.c.at, audit.c.content_id)
    chosen = columns.where(audit.c.chain == chain).order_by(audit.c.seq).limit(batch)
    if last is not None:
        chosen = chosen.where(audit.c.seq <= last)
    following = first
    while rows := connection.execute(chosen.where(audit.c.seq >= following)).all():
        yield [Record(*row) for row in rows]
        following = rows[-1].seq + 1


def newest(
    connection: Connection, chain: Chain, limit: int, before: int | None = None, content_id: str | None = None
) -> list[Record]:
    """Return the last records of a chain, newest first: those below the number `before`, and about one content."""
    columns = select(audit.c.seq, audit.c.hash, audit.c.body, audit.c.at, audit.c.content_id)
    chosen = columns.where(audit.c.chain == chain)
    if before is not None:
        chosen = chosen.where(audit.c.seq < before)
    if content_id is not None:
        chosen = chosen.where(audit.c.content_id == content_id)
    rows = connection.execute(chosen.order_by(audit.c.seq.desc()).limit(limit))
    return [Record(*row) for row in rows]


def texts(connection: Connection, digests: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return salt and text for those of the digests whose text has not been erased."""
    if not digests:
        return {}
    rows = connection.execute(
        select(audit_text.c.digest, audit_text.c.salt, audit_text.c.text).where(audit_text.c.digest.in_(digests))
    )
    return {row.digest: (row.salt, row.text) for row in rows}


def _locked(connection: Connection, chain: Chain) -> Head:
    """Return the end of a chain and keep it from others until the transaction ends."""
    chosen = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.chain == chain).with_for_update()
    row = connection.execute(chosen).first()
    if row is None:
        upsert(connection, audit_head, [{"chain": chain, "seq": EMPTY.seq, "hash": EMPTY.hash}], ["chain"], [])
        row = connection.execute(chosen).one()
    return Head(row.seq, row.hash)
