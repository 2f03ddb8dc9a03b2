"""EfficientNet-Lite2 on ImageNet: pictures in, a probability for each of a thousand classes out."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streams.models.session import session
from streams.models.weights import EFFICIENTNET
from streams.vision.checkpoint import tensors
from streams.vision.efficientnet import CLASSES, LITE2_SIDE, efficientnet

SIDE: Final = LITE2_SIDE
CENTRE: Final = SIDE / (SIDE + 32)  # share of the shorter side in the centre crop, as the authors evaluate
VIEWS: Final = 2


def views(picture: Image.Image) -> NDArray[np.uint8]:
    """Return what the model sees, uint8 [VIEWS, SIDE, SIDE, 3], RGB: the centre, and the whole squashed to a square."""
    width, height = picture.size
    side = min(width, height) * CENTRE
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    centre = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)
    whole = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.stack([np.asarray(centre), np.asarray(whole)])


class ImageNet:
    """The classifier. Thread-safe; views are run one by one."""

    def __init__(self, threads: int = 1) -> None:
        self._session = session(efficientnet(tensors(EFFICIENTNET.read())), threads)

    def __call__(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return float32 [len(pictures), VIEWS, CLASSES], 0..1, a sum of 1 for each view."""
        rows = [self._session.run(["logits"], {"image": view[None]})[0] for one in pictures for view in views(one)]
        logits = np.concatenate(rows) if rows else np.zeros((0, CLASSES), np.float32)
        return _softmax(logits).reshape(len(pictures), VIEWS, CLASSES)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    result: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return result


@cache
def shared_imagenet() -> ImageNet:
    """Return the process's classifier."""
    return ImageNet()
