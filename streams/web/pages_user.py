"""A user of the platform: what lies upon him, and his items."""

from typing import Final

from fastapi import APIRouter
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streams.core.queue_filter import Filter
from streams.store import queue
from streams.store.highlights import highlights
from streams.store.user_card import user_card
from streams.web.asked import UserId
from streams.web.pages_template import rendered
from streams.web.parts import Given
from streams.web.problems import Problem
from streams.web.signed import SignedIn
from streams.web.view_filter import query_of
from streams.web.view_rows import Line, lines
from streams.web.view_user import UserView, user_view

ROWS: Final = 30

router = APIRouter(include_in_schema=False)


class UserPage(Struct, frozen=True):
    """The page of a user."""

    user: UserView
    rows: tuple[Line, ...]
    queue_href: str


@router.get("/users/{user_id:path}")
def user_page(user_id: UserId, request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the page of a user of whom there is an item for who asks."""
    now = given.clock()
    wanted = Filter(status="all", user=user_id)
    with given.database.reading() as connection:
        card = user_card(connection, signed.scope, user_id, now)
        found = queue.page(connection, signed.scope, wanted, None, ROWS, signed.account, now).rows
        above = highlights(connection, [row.id for row in found])
    if card is None:
        raise Problem(404, "There is no such user.")
    view = UserPage(
        user_view(card), lines(found, above, given.review_rules, signed.account, now), "/" + query_of(wanted)
    )
    return rendered(request, "user.html", "user", view, signed)
