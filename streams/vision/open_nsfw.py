"""open_nsfw: pictures in, how explicit each is out; a second vote beside `safety`."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streams.models.session import session
from streams.models.weights import OPEN_NSFW

WHOLE, SIDE = 256, 224  # pixels: the squashed picture and its centre
MEANS: Final = (104.0, 117.0, 123.0)  # of blue, green, red in the pictures that it was trained on


def centred(picture: Image.Image) -> NDArray[np.float32]:
    """Return what the model sees, float32 [SIDE, SIDE, 3], blue, green, red around 0.

    The picture squashed to a square, once through JPEG as the authors' reference does, and its centre.
    """
    squashed = picture.resize((WHOLE, WHOLE), Image.Resampling.BILINEAR)
    stored = io.BytesIO()
    squashed.save(stored, format="JPEG")
    with Image.open(stored, formats=("JPEG",)) as read:
        pixels = np.asarray(read.convert("RGB"), np.float32)
    edge = (WHOLE - SIDE) // 2
    centre = pixels[edge : edge + SIDE, edge : edge + SIDE, ::-1]
    return np.ascontiguousarray(centre - np.array(MEANS, np.float32))


class OpenNsfw:
    """The classifier. Thread-safe; frames are run one by one."""

    def __init__(self, threads: int = 1) -> None:
        self._session = session(OPEN_NSFW.read(), threads)

    def __call__(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return float32 [len(pictures)], 0..1: how explicit each is."""
        rows = [self._session.run(["outputs"], {"input:0": centred(one)[None]})[0][0, 1] for one in pictures]
        return np.array(rows, np.float32)


@cache
def shared_open_nsfw() -> OpenNsfw:
    """Return the process's classifier."""
    return OpenNsfw()
