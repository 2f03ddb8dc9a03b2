"""Pictures and videos of an item: where each is served, and where in it something was found."""

from typing import Final

from msgspec import Struct

from streams.core.shown import named
from streams.core.sighting import Sighting, sightings
from streams.store.rows import Item, Medium
from streams.web.view_evidence import clock, region
from streams.web.view_rows import address
from streams.web.view_words import percent, words

SIDE: Final = 1024  # pixels of the longer side
FRAME: Final = 240
MOST: Final = 12  # frames that are offered
WIDTH: Final = 1000  # of a time line, in its own units
LEAST: Final = 8  # of a marker


class Marker(Struct, frozen=True):
    """A stretch of a video on its time line."""

    left: int
    width: int
    says: str


class Frame(Struct, frozen=True):
    """A frame of a video."""

    plain: str
    small: str
    blurred: str
    says: str


class MediaView(Struct, frozen=True):
    """A picture or video."""

    number: int
    kind: str
    plain: str
    blurred: str
    spans: tuple[Marker, ...]
    frames: tuple[Frame, ...]
    says: tuple[str, ...]


def media_views(item: Item) -> tuple[MediaView, ...]:
    """Return the pictures and videos of an item."""
    return tuple(_view(medium, sightings(item.decision, medium.number), item.row.id) for medium in item.media)


def _view(medium: Medium, seen: tuple[Sighting, ...], item_id: int) -> MediaView:
    where = address(item_id, medium.number)
    stretches = [(one, one.frame) for one in seen if one.frame is not None]
    end = max((frame[1] for _, frame in stretches), default=0) or 1
    markers = tuple(
        Marker(
            min(WIDTH - LEAST, frame[0] * WIDTH // end),
            max(LEAST, (frame[1] - frame[0]) * WIDTH // end),
            f"{words(named(one.label))} {clock(frame[0])} to {clock(frame[1])}",
        )
        for one, frame in stretches
    )
    moments = sorted({frame[0] for _, frame in stretches})[:MOST] if medium.kind == "video" else []
    return MediaView(
        number=medium.number,
        kind=medium.kind,
        plain=f"{where}?side={SIDE}",
        blurred=f"{where}?blur=1&side={SIDE}",
        spans=markers if medium.kind == "video" else (),
        frames=tuple(
            Frame(
                f"{where}/frames/{at}?side={SIDE}",
                f"{where}/frames/{at}?side={FRAME}",
                f"{where}/frames/{at}?blur=1&side={FRAME}",
                clock(at),
            )
            for at in moments
        ),
        says=tuple(dict.fromkeys(_says(one) for one in seen)),
    )


def _says(one: Sighting) -> str:
    score = "" if one.confidence is None else f" {percent(one.confidence)} %"
    if one.frame is not None:
        return f"{words(named(one.label))}{score}, {clock(one.frame[0])} to {clock(one.frame[1])}"
    return f"{words(named(one.label))}{score}" + ("" if one.box is None else f", {region(one.box)}")
