"""What a picture or video of an item is, as JSON: its frames, and where in it something was found."""

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from streams.core.label import Severity
from streams.core.sighting import Sighting
from streams.review.media import NotShown, Shown
from streams.store.preview import Preview
from streams.web.asked import ItemId
from streams.web.encoding import answers, told
from streams.web.media import Number, found, reader
from streams.web.parts import Given
from streams.web.problems import Problem, documented
from streams.web.signed import SignedIn


class FrameTold(msgspec.Struct, frozen=True):
    """A picture of a video or animation."""

    at_ms: int
    url: str


class SightingTold(msgspec.Struct, frozen=True):
    """Where something was found."""

    label: str
    engine: str
    rule: str
    severity: Severity | None
    confidence: float | None  # 0..100
    span_ms: tuple[int, int] | None  # of a video
    # Left, top, right, bottom as shares of width and height, 0..1; none while the picture's size is not known.
    box: tuple[float, float, float, float] | None


class MediumTold(msgspec.Struct, frozen=True):
    """A picture or video of an item, and where in it something was found."""

    number: int
    kind: str
    status: str  # shown, gone, undecodable, unavailable, waiting
    reason: str | None  # why it is not shown
    url: str  # a picture of it: of a video the worst moment
    width: int | None  # pixels of a frame
    height: int | None
    duration_ms: int  # 0 of a still picture
    sound: bool
    frames: tuple[FrameTold, ...]  # none of a still picture
    sightings: tuple[SightingTold, ...]


router = APIRouter(tags=["media"])


@router.get(
    "/api/items/{item_id:int}/media/{number:int}",
    operation_id="medium",
    responses=answers(MediumTold) | documented(401, 403, 404, 422, 503),
)
async def medium(item_id: ItemId, number: Number, given: Given, signed: SignedIn) -> Response:
    """Return what a picture or video is, its frames, and where something was found in it."""
    known = await found(given, signed.scope, item_id, number)
    if known is None:
        raise Problem(404, "There is no such picture or video.")
    url = f"/media/{item_id}/{number}"
    try:
        return told(_shown(await reader(given).shown(known), known, number, url))
    except NotShown as error:
        return told(_not_shown(error, known, number, url))


def _shown(shown: Shown, known: Preview, number: int, url: str) -> MediumTold:
    moving = len(shown.frames) > 1
    return MediumTold(
        number=number,
        kind=shown.kind,
        status="shown",
        reason=None,
        url=url,
        width=shown.width,
        height=shown.height,
        duration_ms=shown.end_ms,
        sound=shown.sound,
        frames=tuple(FrameTold(at, f"{url}/frames/{at}") for at in shown.times_ms) if moving else (),
        sightings=tuple(_sighting(one, shown) for one in known.sightings),
    )


def _not_shown(error: NotShown, known: Preview, number: int, url: str) -> MediumTold:
    return MediumTold(
        number=number,
        kind=known.kind,
        status=error.failure,
        reason=error.reason,
        url=url,
        width=None,
        height=None,
        duration_ms=0,
        sound=False,
        frames=(),
        sightings=tuple(_sighting(one, None) for one in known.sightings),
    )


def _sighting(one: Sighting, shown: Shown | None) -> SightingTold:
    box = None
    if one.box is not None and shown is not None:
        left, top, right, bottom = one.box
        box = (
            _share(left, shown.width),
            _share(top, shown.height),
            _share(right, shown.width),
            _share(bottom, shown.height),
        )
    return SightingTold(one.label, one.engine, one.rule, one.severity, one.confidence, one.frame, box)


def _share(pixel: int, whole: int) -> float:
    """Return a place as a share, 0..1: a code may reach over the edge."""
    return round(min(1.0, max(0.0, pixel / whole)), 4)
