"""Pictures made to suit Rekognition: any picture that is read here in, JPEG frames within the service's limits out."""

import io
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from PIL import Image

from streams.adapters.picture import Limits, decoded
from streams.core.span import Span
from streams.core.transcript import sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MOST_BYTES: Final = 5 << 20  # of a picture in the request
MOST_STORED: Final = 15 << 20  # bytes of one that the service reads where it lies
SHORTEST, LONGEST = 80, 10_000  # pixels a side
FORMATS: Final = frozenset({"JPEG", "PNG"})

QUALITY: Final = 90  # of a JPEG: what moderation looks for is larger than what it loses
SMALLER: Final = 0.7  # each side, where the JPEG is too large; a quarter of that many steps suffices for noise


class Frame(NamedTuple):
    """One frame as it is sent."""

    data: bytes  # a JPEG of at most MOST_BYTES
    span: Span | None  # [start, end] in milliseconds that it stands for; None for a still picture


def suits(name: str, sides: tuple[int, int]) -> bool:
    """Say whether the service takes a still picture of this format and these sides, in pixels, as it is."""
    return name in FORMATS and min(sides) >= SHORTEST and max(sides) <= LONGEST


def frames(data: bytes, limits: Limits) -> list[Frame]:
    """Return a picture as JPEGs: one, or of an animation as many frames as the limits say; raise Undecodable. Blocking.

    Small ones are enlarged, long ones have white added at the narrow side; the colours of what stands there stay.
    """
    media = decoded(data, limits)
    return [Frame(_jpeg(pixels), sample(media, index)) for index, pixels in enumerate(media.frames)]


def _jpeg(pixels: "NDArray[np.uint8]") -> bytes:
    picture: Any = _sized(Image.fromarray(pixels))
    while len(data := _encoded(picture)) > MOST_BYTES:
        picture = _sized(picture.resize([max(1, round(side * SMALLER)) for side in picture.size]))
    return data


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _sized(picture: Image.Image) -> Image.Image:
    """Return a picture whose sides are within the limits."""
    shorter, longer = sorted(picture.size)
    scale = max(1.0, min(SHORTEST / shorter, LONGEST / longer)) if longer <= LONGEST else LONGEST / longer
    if scale != 1.0:
        picture = picture.resize([min(LONGEST, max(1, round(side * scale))) for side in picture.size])
    if min(picture.size) >= SHORTEST:
        return picture
    whole = Image.new("RGB", (max(SHORTEST, picture.width), max(SHORTEST, picture.height)), "white")
    whole.paste(picture)
    return whole
