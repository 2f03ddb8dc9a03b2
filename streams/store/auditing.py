"""The audit log in the store: events in, their records at the end of a chain.

Who appends holds the chain's end until his transaction is over, so that numbers have no gaps and nobody forks it; it
is the last thing that a transaction locks.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select, update

from streams.core.audit import EMPTY, Body, Chain, Event, Head, Record, appended, body_read, digest
from streams.store.statements import upsert
from streams.store.tables import audit, audit_head, audit_text

REPEATED_MS: Final = 86_400_000  # for so long an order is known by its id
BATCH: Final = 1000  # records that are read at once
COLUMNS: Final = (audit.c.seq, audit.c.hash, audit.c.body, audit.c.at, audit.c.content_id)  # of core/audit.Record


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
        connection.execute(update(audit_head).where(audit_head.c.chain == chain).values(seq=head.seq, hash=head.hash))
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
    connection: Connection, chain: Chain, first: int | None = None, last: int | None = None, batch: int = BATCH
) -> Iterator[list[Record]]:
    """Yield the records of a chain from number `first` to `last`, in the order of their numbers, in batches.

    All that there are without `first`, also what somebody put below number 1.
    """
    chosen = select(*COLUMNS).where(audit.c.chain == chain).order_by(audit.c.seq).limit(batch)
    if last is not None:
        chosen = chosen.where(audit.c.seq <= last)
    following = -(2**63) if first is None else first
    while rows := connection.execute(chosen.where(audit.c.seq >= following)).all():
        # SQLite takes any value for a text: what is none cannot be read as a body.
        yield [Record(row.seq, row.hash, row.body if isinstance(row.body, str) else "", *row[3:]) for row in rows]
        following = rows[-1].seq + 1


def newest(connection: Connection, chain: Chain, limit: int, before: int | None = None) -> list[Record]:
    """Return the last records of a chain, newest first, those below the number `before`."""
    chosen = select(*COLUMNS).where(audit.c.chain == chain).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(audit.c.seq < before)
    return [Record(*row) for row in connection.execute(chosen)]


def about(connection: Connection, content_id: str, limit: int) -> list[Body]:
    """Return the last acts on a content, newest first; a record that has been tampered with is left out."""
    chosen = (
        select(audit.c.body)
        .where(audit.c.content_id == content_id, audit.c.chain == "acts")
        .order_by(audit.c.at.desc(), audit.c.seq.desc())
        .limit(limit)
    )
    return [body for text in connection.execute(chosen).scalars() if (body := _read(text)) is not None]


def ordered_before(connection: Connection, order_id: str, now: int) -> bool:
    """Say whether an order about a user was given under this id within the last day; later it is a new one.

    The end of the chain is held then: nobody gives the same order at the same time.
    """
    _locked(connection, "acts")
    chosen = select(audit.c.seq).where(
        audit.c.content_id == "",
        audit.c.at > now - REPEATED_MS,
        audit.c.chain == "acts",
        audit.c.body.contains(f'"id":{msgspec.json.encode(order_id).decode()},', autoescape=True),
    )
    return connection.execute(chosen.limit(1)).first() is not None


def texts(connection: Connection, digests: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return salt and text for those of the digests whose text has not been erased."""
    if not digests:
        return {}
    rows = connection.execute(
        select(audit_text.c.digest, audit_text.c.salt, audit_text.c.text).where(audit_text.c.digest.in_(digests))
    )
    return {row.digest: (row.salt, row.text) for row in rows}


def _read(body: str) -> Body | None:
    try:
        return body_read(body)
    except msgspec.MsgspecError:
        return None


def _locked(connection: Connection, chain: Chain) -> Head:
    """Return the end of a chain and keep it from others until the transaction ends."""
    chosen = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.chain == chain).with_for_update()
    row = connection.execute(chosen).first()
    if row is None:
        upsert(connection, audit_head, [{"chain": chain, "seq": EMPTY.seq, "hash": EMPTY.hash}], ["chain"], [])
        row = connection.execute(chosen).one()
    return Head(row.seq, row.hash)
