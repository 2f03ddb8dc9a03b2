"""Masked previews: a frame and boxes in, the picture with the boxes black out."""

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def masked_preview(frame: NDArray[np.uint8], boxes: Iterable[tuple[int, int, int, int]]) -> bytes:
    """Return a frame, RGB uint8 [height, width, 3], as PNG with every box black; nothing of what stood there is left.

    A box is (left, top, right, bottom) in pixels; what reaches over the edge is cut off.
    """
    height, width = frame.shape[:2]
    shown = frame.copy()
    for left, top, right, bottom in boxes:
        shown[max(0, top) : min(height, max(0, bottom)), max(0, left) : min(width, max(0, right))] = 0
    file = io.BytesIO()
    Image.fromarray(shown).save(file, "PNG")
    return file.getvalue()
