"""image-safety-classifier-s: pictures in, how gruesome and how explicit each is out."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from streams.models.session import session
from streams.models.weights import SAFETY

SIDE: Final = 224  # pixels
BLUR: Final = 10  # pixels, radius; as the model was trained
NSFL, NSFW, SFW = range(3)  # columns of the answer: gruesome, explicit, neither

Scores = NDArray[np.float32]


def padded(picture: Image.Image) -> NDArray[np.float32]:
    """Return what the model sees, float32 [3, SIDE, SIDE], RGB, 0..255.

    The picture fitted into a square at its own ratio, before itself squashed to the square and blurred.
    """
    view = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(BLUR))
    ratio = SIDE / max(picture.size)
    width, height = (max(1, round(side * ratio)) for side in picture.size)
    fitted = picture.resize((width, height), Image.Resampling.LANCZOS)
    view.paste(fitted, ((SIDE - width) // 2, (SIDE - height) // 2))
    return np.asarray(view, np.float32).transpose(2, 0, 1)


class Safety:
    """The classifier. Thread-safe; frames are run one by one."""

    def __init__(self, threads: int = 1) -> None:
        self._session = session(SAFETY.read(), threads)

    def __call__(self, pictures: Sequence[Image.Image]) -> Scores:
        """Return float32 [len(pictures), 3], 0..1, a sum of 1 each: NSFL, NSFW, SFW."""
        rows = [self._session.run(["probabilities"], {"image": padded(one)[None]})[0][0] for one in pictures]
        return np.stack(rows) if rows else np.zeros((0, 3), np.float32)


@cache
def shared_safety() -> Safety:
    """Return the process's classifier."""
    return Safety()
