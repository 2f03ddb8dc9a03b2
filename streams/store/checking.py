"""A chain of the audit log read and checked: a connection and checkpoints in, what holds or where it is broken out."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from streams.core.audit import Chain, Record, body_read
from streams.core.chain_check import Break, Check, Mark
from streams.store.auditing import head_of, records, texts
from streams.store.tables import audit


class Checked(NamedTuple):
    """What became of a check."""

    chain: Chain
    records: int  # that hold
    texts: int  # of people, that are there
    erased: int  # of people, that are not
    checkpoints: int  # that hold
    broken: Break | None  # where the chain is broken first


def length(connection: Connection, chain: Chain) -> int:
    """Return how many records there are to check."""
    return connection.execute(select(func.count()).where(audit.c.chain == chain)).scalar_one()


def checked(
    connection: Connection, chain: Chain, marks: Iterable[Mark], advance: Callable[[int], None] = lambda _done: None
) -> Checked:
    """Check a chain up to where it is broken; `advance` hears of every batch how many records were looked at.

    `marks` are what checkpoints say of it, read before the transaction began: younger ones would tell of records that
    it does not see.
    """
    check = Check(chain, marks)
    broken = _first(connection, chain, check, advance) or check.end(head_of(connection, chain))
    return Checked(chain, check.seq, check.texts, check.erased, check.marks, broken)


def _first(connection: Connection, chain: Chain, check: Check, advance: Callable[[int], None]) -> Break | None:
    for batch in records(connection, chain):
        known = texts(connection, [digest for record in batch for digest in digests(record)])
        for record in batch:
            if (broken := check.see(record, known)) is not None:
                return broken
        advance(len(batch))
    return None


def digests(record: Record) -> list[str]:
    """Return the digests of the texts that a record names; none of one that cannot be read."""
    try:
        body = body_read(record.body)
    except (msgspec.MsgspecError, UnicodeError):
        return []  # the check says so
    return [digest for digest in (body.reason, body.note) if digest is not None]
