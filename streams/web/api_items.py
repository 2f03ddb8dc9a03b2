"""Items: pages of them, one with all that is known of it, what is like it, its conversation, how many there are."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from streams.core.queue_filter import Filter
from streams.store import queue, saved
from streams.store.conversation import AFTER, MOST, conversation, more
from streams.store.cursor import ForeignCursor
from streams.store.listing import rows_of
from streams.store.reading import item_of
from streams.store.rows import Conversation, Item, Page, Row, Similar, Waiting
from streams.store.scope import scope_of
from streams.store.similar import similar
from streams.web.asked import Asked, Cursor, FilterAsked, ItemId
from streams.web.encoding import answers, told
from streams.web.parts import Given, Parts
from streams.web.problems import Problem, documented
from streams.web.signed import Signed, SignedIn

READING = (401, 403, 404, 422, 503)
CHANGING = (400, 401, 403, 404, 408, 413, 415, 422, 503)

router = APIRouter(tags=["items"], responses=documented(*READING))


class Next(msgspec.Struct, frozen=True):
    """The item that somebody is to look at now, claimed for him; none when nothing waits."""

    item: Row | None


class Counts(msgspec.Struct, frozen=True):
    """Open items by severity, the worst first."""

    severities: tuple[Waiting, ...]
    at: int  # when they were counted, milliseconds since 1970: very many are not counted every time


@router.get("/api/items", operation_id="listItems", responses=answers(Page))
def list_items(asked: FilterAsked, given: Given, signed: SignedIn) -> Response:
    """Return a page of a queue, the worst first."""
    with given.database.reading() as connection:
        wanted = asked.filter(_saved(given, signed, asked.queue))
        try:
            found = queue.page(
                connection, signed.scope, wanted, asked.cursor, asked.limit, signed.account, given.clock()
            )
        except ForeignCursor as error:
            raise Problem(422, f"{error}.", code="foreign_cursor") from None
    return told(found)


@router.post("/api/items/next", operation_id="nextItem", responses=answers(Next) | documented(*CHANGING))
def next_item(
    asked: Asked,
    given: Given,
    signed: SignedIn,
    queue_id: Annotated[int | None, Query(alias="queue", ge=1, le=2**63 - 1)] = None,
) -> Response:
    """Claim the worst open item of a filter that nobody holds; it is given to nobody else until the claim ends."""
    scope = scope_of(signed.grants, "claim")
    wanted = asked.filter(_saved(given, signed, queue_id))
    with given.database.writing() as connection:
        item_id = queue.next_item(connection, scope, wanted, signed.account, given.limits.claim, given.clock())
        rows = () if item_id is None else rows_of(connection, [item_id])
    row = rows[0] if rows else None
    return told(Next(row), version=None if row is None else row.version)


@router.get("/api/items/{item_id:int}", operation_id="getItem", responses=answers(Item))
def get_item(item_id: ItemId, given: Given, signed: SignedIn) -> Response:
    """Return an item with all that is known of it; its ETag is what acts on it name."""
    with given.database.reading() as connection:
        found = item_of(connection, signed.scope, item_id, given.clock())
    if found is None:
        raise not_there()
    return told(found, version=found.row.version)


@router.get("/api/items/{item_id:int}/similar", operation_id="similarItems", responses=answers(Similar))
def similar_items(item_id: ItemId, given: Given, signed: SignedIn) -> Response:
    """Return how many items are like one, and some of them."""
    with given.database.reading() as connection:
        found = similar(connection, signed.scope, item_id)
    if found is None:
        raise not_there()
    return told(found)


@router.get("/api/conversations/{item_id:int}", operation_id="getConversation", responses=answers(Conversation))
def get_conversation(
    item_id: ItemId,
    given: Given,
    signed: SignedIn,
    cursor: Annotated[Cursor, Query(description="`earlier` or `later` of an answer")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="with a cursor: most messages of the answer")] = AFTER,
) -> Response:
    """Return the messages of the conversation around an item, in its order."""
    with given.database.reading() as connection:
        try:
            if cursor is None:
                found = conversation(connection, signed.scope, item_id)
            else:
                found = more(connection, signed.scope, item_id, cursor, limit)
        except ForeignCursor as error:
            raise Problem(422, f"{error}.", code="foreign_cursor") from None
    if found is None:
        raise not_there()
    return told(found)


@router.get("/api/counts", operation_id="countItems", responses=answers(Counts))
def count_items(given: Given, signed: SignedIn) -> Response:
    """Return how many items are open, and since when, by severity."""
    with given.database.reading() as connection:
        counted = given.tally.counts(connection, signed.scope, given.clock())
    return told(Counts(counted.waiting, counted.at))


def not_there() -> Problem:
    """Return the problem of an item that is not there for who asks."""
    return Problem(404, "There is no such item.")


def _saved(given: Parts, signed: Signed, queue_id: int | None) -> Filter | None:
    if queue_id is None:
        return None
    with given.database.reading() as connection:
        found = next((one for one in saved.queues(connection, signed.account) if one.id == queue_id), None)
    if found is None:
        raise Problem(404, "There is no such queue.")
    return found.query
