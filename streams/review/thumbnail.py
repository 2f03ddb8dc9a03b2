"""Pixels in, JPEG pictures out that this process made itself: nothing of a user's file is passed on."""

import io
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from streams.vision.shrunk import shrunk

SMALLEST: Final = 64  # pixels of the longer side
LARGEST: Final = 1600
USUAL: Final = 640
BLURRED: Final = 16  # pixels of the longer side that a blurred picture is made of: a scene, no body and no face
QUALITY: Final = 82  # of JPEG, 1..95
MASTER: Final = 88  # what is made smaller once more loses less
GREYS: Final = ("#6b7280", "#e5e7eb")  # of what stands in for a picture: neither light nor dark page lets it stand out
SHAPE: Final = 4, 3  # of the same

Pixels = NDArray[np.uint8]


class Look(NamedTuple):
    """How somebody wants to see a picture."""

    side: int = USUAL  # most pixels of the longer side; smaller pictures are not enlarged
    blur: bool = False
    grey: bool = False


def master(pixels: Pixels) -> bytes:
    """Return a frame, RGB uint8 [height, width, 3], as a JPEG of at most `LARGEST` pixels a side."""
    picture = shrunk(pixels, LARGEST)
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.HAMMING)  # a third of Lanczos' time, hardly less sharp
    return _jpeg(picture, MASTER)


def looked(master: bytes, look: Look) -> bytes:
    """Return a master as somebody wants to see it, a JPEG; as it is where it is so already."""
    with Image.open(io.BytesIO(master), formats=("JPEG",)) as picture:
        if max(picture.size) <= look.side and not (look.blur or look.grey):
            return master
        scale = min(1.0, look.side / max(picture.size))
        width, height = (max(1, round(side * scale)) for side in picture.size)
        picture.draft("RGB", (width, height))
        made: Image.Image = picture.convert("L" if look.grey else "RGB")
    if look.blur:
        made.thumbnail((BLURRED, BLURRED), Image.Resampling.BOX)
        made = made.resize((width, height), Image.Resampling.BICUBIC)
    else:
        made = made.resize((width, height), Image.Resampling.LANCZOS)
    return _jpeg(made, QUALITY)


@lru_cache(maxsize=64)
def placeholder(text: str, side: int = USUAL) -> bytes:
    """Return a grey tile with a few words on it, a JPEG: what stands where a picture cannot."""
    dark, light = GREYS
    picture = Image.new("RGB", (side, side * SHAPE[1] // SHAPE[0]), dark)
    drawing = ImageDraw.Draw(picture)
    middle = picture.width / 2, picture.height / 2
    drawing.text(middle, text, fill=light, font=ImageFont.load_default(max(8, side / 16)), anchor="mm")
    return _jpeg(picture, QUALITY)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
