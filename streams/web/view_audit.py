"""Records of the audit log, as a page shows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from streams.core.audit import CHAINS, Body, Chain, Record, body_read
from streams.core.moment import iso
from streams.core.shown import named
from streams.web.view_words import words

LONG: Final = 300  # characters of a reason
NOTE: Final = 500


class RecordView(Struct, frozen=True):
    """A record."""

    seq: int
    at: int
    by: str
    what: str
    item: int | None
    about: tuple[str, ...]
    hash: str


class AuditView(Struct, frozen=True):
    """A page of the log."""

    chain: Chain
    chains: tuple[Chain, ...]
    records: tuple[RecordView, ...]
    next: str


def chain_of(asked: str | None) -> Chain:
    """Return the chain of that name; the first one for no name."""
    return asked if asked in CHAINS else CHAINS[0]


def number_of(asked: str | None) -> int | None:
    """Return the number of a record; None for what is none."""
    return int(asked) if asked and asked.isascii() and asked.isdigit() and len(asked) < len(str(2**63)) else None


def digests_of(records: Iterable[Record]) -> list[str]:
    """Return what stands for texts in records."""
    bodies = [_body(record) for record in records]
    return [mark for body in bodies if body is not None for mark in (body.reason, body.note) if mark]


def audit_view(chain: Chain, records: Sequence[Record], texts: Mapping[str, str], *, more: bool) -> AuditView:
    """Return a page of a chain, the newest first; `texts` by their digests."""
    following = f"/audit?chain={chain}&before={records[-1].seq}" if more and records else ""
    return AuditView(chain, CHAINS, tuple(_record(one, texts) for one in records), following)


def _body(record: Record) -> Body | None:
    try:
        return body_read(record.body)
    except msgspec.MsgspecError:
        return None


def _record(record: Record, texts: Mapping[str, str]) -> RecordView:
    body = _body(record)
    if body is None:
        broken = ("Its body was changed: `moderation audit verify` says how.",)
        return RecordView(record.seq, record.at, "", "not readable", None, broken, record.hash)
    about = tuple(_about(body, texts))
    return RecordView(record.seq, record.at, named(body.by), words(body.act), body.item_id, about, record.hash)


def _about(body: Body, texts: Mapping[str, str]) -> Iterator[str]:
    if body.from_action != body.to_action:
        yield f"{words(body.from_action or 'nothing')} to {words(body.to_action or 'nothing')}"
    if body.content_id:
        yield f"content {named(body.content_id)}"
    if body.user_id:
        yield f"user {named(body.user_id)}"
    if body.to:
        yield f"account {named(body.to)}"
    if body.restriction:
        yield words(body.restriction) + ("" if body.until is None else f" until {iso(body.until)}")
    if body.bulk_id:
        yield f"at once with others: {named(body.bulk_id, 36)}"
    for name, mark, limit in (("reason", body.reason, LONG), ("note", body.note, NOTE)):
        if mark:
            yield f"{name}: {named(texts[mark], limit) if mark in texts else 'erased'}"
