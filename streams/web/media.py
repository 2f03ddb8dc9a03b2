"""Pictures and videos of items, as pictures that this process made: what was uploaded is passed on to nobody.

With an origin of their own for media, `/media` sends browsers on to a signed address there, which needs no cookie.
"""

from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from streams.core.sighting import worst_moment
from streams.review.media import Failure, MediaReader, NotShown
from streams.review.thumbnail import LARGEST, SMALLEST, USUAL, Look, placeholder
from streams.store.preview import Preview, preview
from streams.store.scope import EVERYTHING, Scope
from streams.web.asked import ItemId
from streams.web.media_address import holds, signed_path
from streams.web.parts import Given, Parts
from streams.web.problems import documented
from streams.web.signed import SignedIn

JPEG: Final = "image/jpeg"
MOST: Final = 32_767  # objects of an item: what the table holds
LATEST: Final = 86_400_000  # milliseconds: no video is as long
FRESH_S: Final = 300  # seconds for which a browser may keep a picture
RETRY_S: Final = 3
UNAVAILABLE: Final = 503
# What stands where a picture cannot, and the status it comes with.
INSTEAD: Final[dict[Failure, tuple[int, str]]] = {
    "gone": (410, "no longer there"),
    "undecodable": (422, "cannot be shown"),
    "unavailable": (UNAVAILABLE, "cannot be reached"),
    "waiting": (UNAVAILABLE, "is being read"),
}
NOT_THERE: Final = 404, "not there"
HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": 'inline; filename="preview.jpg"',
}
_PICTURE: Final[dict[str, Any]] = {"content": {JPEG: {"schema": {"type": "string", "format": "binary"}}}}
PICTURED: Final[dict[int | str, dict[str, Any]]] = documented(401, 403, 422) | {
    200: {"description": "The picture", **_PICTURE},
    307: {"description": "It is served on another origin"},
    404: {"description": "There is none, or not in this account's scope: a tile that says so", **_PICTURE},
    410: {"description": "It is no longer there: a tile that says so", **_PICTURE},
    503: {"description": "It cannot be read now: a tile that says so", **_PICTURE},
}
PICTURED[422]["content"][JPEG] = _PICTURE["content"][JPEG]


async def _look(
    side: Annotated[int, Query(ge=SMALLEST, le=LARGEST, description="most pixels of the longer side")] = USUAL,
    *,
    blur: Annotated[bool, Query(description="beyond recognition")] = False,
    grey: Annotated[bool, Query(description="without colours")] = False,
) -> Look:
    return Look(side, blur, grey)


Looked = Annotated[Look, Depends(_look)]
Number = Annotated[int, Path(ge=0, le=MOST, description="of the object, in the order of the content")]
At = Annotated[int, Path(ge=0, le=LATEST, description="a moment of the video, milliseconds")]
Until = Annotated[int, Path(ge=0, le=2**53)]

router = APIRouter(tags=["media"])


@router.get("/media/{item_id:int}/{number:int}", operation_id="picture", response_class=Response, responses=PICTURED)
async def picture(
    item_id: ItemId, number: Number, look: Looked, given: Given, signed: SignedIn, request: Request
) -> Response:
    """Return a picture; of a video its worst moment."""
    if given.media_origin is not None:
        return _elsewhere(given, item_id, number, request.url)
    return await _answered(given, signed.scope, item_id, number, None, look)


@router.get(
    "/media/{item_id:int}/{number:int}/frames/{at:int}",
    operation_id="frame",
    response_class=Response,
    responses=PICTURED,
)
async def frame(
    item_id: ItemId, number: Number, at: At, look: Looked, given: Given, signed: SignedIn, request: Request
) -> Response:
    """Return what a video or animation shows at a moment."""
    if given.media_origin is not None:
        return _elsewhere(given, item_id, number, request.url)
    return await _answered(given, signed.scope, item_id, number, at, look)


@router.get("/signed/{until:int}/{signature}/media/{item_id:int}/{number:int}", include_in_schema=False)
async def signed_picture(
    until: Until, signature: str, item_id: ItemId, number: Number, look: Looked, given: Given
) -> Response:
    """Return a picture to whoever has its address."""
    return await _answered(given, _granted(given, until, signature, item_id, number), item_id, number, None, look)


@router.get("/signed/{until:int}/{signature}/media/{item_id:int}/{number:int}/frames/{at:int}", include_in_schema=False)
async def signed_frame(
    until: Until, signature: str, item_id: ItemId, number: Number, at: At, look: Looked, given: Given
) -> Response:
    """Return what a video or animation shows at a moment to whoever has its address."""
    return await _answered(given, _granted(given, until, signature, item_id, number), item_id, number, at, look)


async def found(given: Parts, scope: Scope, item_id: int, number: int) -> Preview | None:
    """Return what is known of an object; None where there is none in scope."""

    def read() -> Preview | None:
        with given.database.reading() as connection:
            return preview(connection, scope, item_id, number)

    return await to_thread.run_sync(read)


def reader(given: Parts) -> MediaReader:
    """Return who reads media; raise NotShown where nobody does."""
    if given.media is None:
        raise NotShown("unavailable", "not_configured")
    return given.media


async def _answered(
    given: Parts, scope: Scope | None, item_id: int, number: int, at: int | None, look: Look
) -> Response:
    """Return a picture, or a tile that says why there is none."""
    known = None if scope is None else await found(given, scope, item_id, number)
    if known is None:
        return await _instead(given, *NOT_THERE, look)
    try:
        shown = await reader(given).shown(known)
        moment = at if at is not None else worst_moment(known.sightings) or 0
        made = await reader(given).looked(shown, shown.frame_at(moment), look)
    except NotShown as error:
        return await _instead(given, *INSTEAD[error.failure], look)
    return Response(made, 200, _headers(given, f"private, max-age={FRESH_S}"), JPEG)


async def _instead(given: Parts, status: int, text: str, look: Look) -> Response:
    headers = _headers(given, "no-store")
    if status == UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_S)
    return Response(await to_thread.run_sync(placeholder, text, look.side), status, headers, JPEG)


def _headers(given: Parts, cache: str) -> dict[str, str]:
    # On an origin of its own a picture is shown by pages of another one: its signature is what guards it there.
    policy = "same-origin" if given.media_origin is None else "cross-origin"
    return HEADERS | {"Cache-Control": cache, "Cross-Origin-Resource-Policy": policy}


def _elsewhere(given: Parts, item_id: int, number: int, asked: URL) -> Response:
    """Send a browser on to the signed address of what it asked for."""
    rest = asked.path.removeprefix(f"/media/{item_id}/{number}")
    query = f"?{asked.query}" if asked.query else ""
    path = signed_path(given.secret, item_id, number, given.clock())
    return RedirectResponse(f"{given.media_origin}{path}{rest}{query}", headers={"Cache-Control": "no-store"})


def _granted(given: Parts, until: int, signature: str, item_id: int, number: int) -> Scope | None:
    """Return what a signed address gives a right to; None for one that is forged or over."""
    return EVERYTHING if holds(given.secret, until, signature, item_id, number, given.clock()) else None
