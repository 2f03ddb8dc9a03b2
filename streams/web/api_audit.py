"""The audit log, for who may read all of it: records, newest first, with the texts that have not been erased."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from streams.core.audit import Body, Chain, Record, body_read
from streams.store import auditing
from streams.web.asked import LARGEST, Limit
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import Problem, documented
from streams.web.signed import SignedIn

router = APIRouter(tags=["audit"], responses=documented(401, 403, 422, 503))


class Entry(msgspec.Struct, frozen=True):
    """A record of the log."""

    seq: int
    at: int  # milliseconds since 1970
    hash: str
    body: Body | None  # None: it has been tampered with, `moderation audit verify` says how
    reason: str | None  # None: there was none, or it was erased
    note: str | None


class Entries(msgspec.Struct, frozen=True):
    """Some records of a chain, newest first."""

    entries: tuple[Entry, ...]
    next: int | None  # `before` of the next page; None at the end


@router.get("/api/audit", operation_id="listAudit", responses=answers(Entries))
def list_audit(
    given: Given,
    signed: SignedIn,
    chain: Chain = "acts",
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Response:
    """Return records of the audit log: `acts` on content and users, or what was done about `accounts`."""
    if not signed.may_everywhere("audit"):
        raise Problem(403, "The log tells of all content: it takes the right `audit` over all of it.")
    with given.database.reading() as connection:
        found = auditing.newest(connection, chain, limit + 1, before)
        bodies = [_body(record) for record in found[:limit]]
        digests = [mark for body in bodies if body for mark in (body.reason, body.note) if mark]
        texts = {mark: text for mark, (_, text) in auditing.texts(connection, digests).items()}
    entries = tuple(
        Entry(
            record.seq,
            record.at,
            record.hash,
            body,
            texts.get(body.reason or "") if body else None,
            texts.get(body.note or "") if body else None,
        )
        for record, body in zip(found, bodies, strict=False)
    )
    return told(Entries(entries, entries[-1].seq if len(found) > limit else None))


def _body(record: Record) -> Body | None:
    try:
        return body_read(record.body)
    except msgspec.MsgspecError:
        return None
