"""An item, and the conversation around one."""

from typing import Final

from fastapi import APIRouter
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streams.core.queue_filter import Filter
from streams.core.shown import named
from streams.store import reading
from streams.store.conversation import conversation, more
from streams.store.cursor import ForeignCursor
from streams.store.similar import similar
from streams.web.asked import ItemId
from streams.web.pages_template import rendered
from streams.web.parts import Given
from streams.web.problems import Problem
from streams.web.signed import SignedIn
from streams.web.view_filter import query_of
from streams.web.view_item import item_view
from streams.web.view_talk import TalkLine, talk_lines

AROUND: Final = 30  # messages on each side of the item

router = APIRouter(include_in_schema=False)


class TalkView(Struct, frozen=True):
    """The page of a conversation."""

    name: str
    talk: tuple[TalkLine, ...]
    earlier: str
    later: str
    item_href: str
    queue_href: str


@router.get("/items/{item_id:int}")
def item_page(item_id: ItemId, request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the page of an item: all that is needed to rule on it."""
    now = given.clock()
    with given.database.reading() as connection:
        item = reading.item_of(connection, signed.scope, item_id, now)
        talk = conversation(connection, signed.scope, item_id)
        alike = similar(connection, signed.scope, item_id)
    if item is None or alike is None:
        raise Problem(404, "There is no such item.")
    view = item_view(item, talk, alike, given.review_rules, signed.account, now)
    labels = {one.label for one in item.found}
    return rendered(request, "item.html", "item", view, signed, tenant=item.row.tenant, labels=labels)


@router.get("/conversations/{item_id:int}")
def conversation_page(item_id: ItemId, request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the messages of the conversation around an item, or those beside what was shown."""
    cursor = request.query_params.get("cursor")
    with given.database.reading() as connection:
        item = reading.item_of(connection, signed.scope, item_id, given.clock())
        try:
            talk = (
                conversation(connection, signed.scope, item_id, before=AROUND, after=AROUND)
                if cursor is None
                else more(connection, signed.scope, item_id, cursor)
            )
        except ForeignCursor:
            raise Problem(404, "There is no such part of the conversation.") from None
    if item is None or talk is None:
        raise Problem(404, "There is no such item.")
    here = f"/conversations/{item_id}"
    view = TalkView(
        name=named(talk.conversation_id),
        talk=talk_lines(talk, item.row.user_id),
        earlier=f"{here}?cursor={talk.earlier}" if talk.earlier else "",
        later=f"{here}?cursor={talk.later}" if talk.later else "",
        item_href=f"/items/{item_id}",
        queue_href="/" + query_of(Filter(conversation=talk.conversation_id)),
    )
    return rendered(request, "conversation.html", "conversation", view, signed)
