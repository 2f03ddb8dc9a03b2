"""The queue, the media queue and saved queues."""

from typing import Final

from fastapi import APIRouter
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streams.core.queue_filter import Filter
from streams.store import queue, saved
from streams.store.cursor import ForeignCursor
from streams.store.highlights import highlights
from streams.web.pages_template import rendered
from streams.web.parts import Given, Parts
from streams.web.signed import Signed, SignedIn
from streams.web.view_filter import WrongFilter, chips, filter_of, query_of
from streams.web.view_queue import QueueView, queue_view
from streams.web.view_rows import CARD, THUMB, lines

ROWS: Final = 50
CARDS: Final = 60

router = APIRouter(include_in_schema=False)


class SavedView(Struct, frozen=True):
    """A saved queue."""

    id: int
    name: str
    href: str
    shared: bool
    chips: tuple[str, ...]
    removable: bool


class SavedViews(Struct, frozen=True):
    """All saved queues that an account sees."""

    queues: tuple[SavedView, ...]


@router.get("/")
def queue_page(request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the queue: what an address asks for, the worst first."""
    wanted, wrong = _asked(request)
    view = _view(given, signed, "/", wanted, wrong, request.query_params.get("cursor"))
    return rendered(request, "queue.html", "queue", view, signed, filter=wanted)


@router.get("/media-queue")
def media_page(request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the queue of pictures and videos as a grid."""
    wanted, wrong = _asked(request)
    wanted = replace(wanted, media=True)
    view = _view(given, signed, "/media-queue", wanted, wrong, request.query_params.get("cursor"))
    return rendered(request, "media_queue.html", "media", view, signed, filter=wanted)


@router.get("/queues")
def queues_page(request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the saved queues that an account sees."""
    with given.database.reading() as connection:
        found = saved.queues(connection, signed.account)
    views = tuple(
        SavedView(
            one.id,
            one.name,
            "/" + query_of(one.query),
            shared=one.owner == saved.EVERYBODY,
            chips=chips(one.query),
            removable=one.owner == signed.account or signed.may("share"),
        )
        for one in found
    )
    return rendered(request, "queues.html", "queues", SavedViews(views), signed)


def _asked(request: Request) -> tuple[Filter, str]:
    """Return the filter of an address; where it is none, that of an empty one and what is wrong."""
    try:
        return filter_of(request.query_params.multi_items()), ""
    except WrongFilter as error:
        return Filter(), f"{error}. It is left out."


def _view(given: Parts, signed: Signed, path: str, wanted: Filter, wrong: str, cursor: str | None) -> QueueView:
    now, is_grid = given.clock(), path != "/"
    limit = CARDS if is_grid else ROWS
    with given.database.reading() as connection:
        try:
            found = queue.page(connection, signed.scope, wanted, cursor, limit, signed.account, now)
        except ForeignCursor:  # of another filter, or of an older version: from the beginning
            found = queue.page(connection, signed.scope, wanted, None, limit, signed.account, now)
        above = highlights(connection, [row.id for row in found.rows])
        counted = given.tally.counts(connection, signed.scope, now).waiting
        mine = [(one.name, one.query) for one in saved.queues(connection, signed.account)]
    shown = lines(found.rows, above, given.review_rules, signed.account, now, CARD if is_grid else THUMB)
    return queue_view(path, wanted, shown, found.next, counted, mine, wrong)
