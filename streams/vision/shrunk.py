"""A frame of any size in, a small picture out, from which every classifier takes its own view.

A photograph has fifty times the pixels that a classifier looks at. They are averaged once, in bands, for all of them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Pixels that the shorter side keeps at least: twice the largest input, so that finer filters still do the last step.
LEAST: Final = 2 * 260
BAND: Final = 1 << 20  # pixels that are averaged at a time: the whole of a large frame would be copied

Pixels = NDArray[np.uint8]


def shrunk(pixels: Pixels, least: int = LEAST) -> Image.Image:
    """Return a frame, RGB uint8 [height, width, 3], as a picture whose shorter side has `least` to 2 * `least` pixels.

    Smaller frames come back as they are. Each pixel is the mean of a square of the frame's.
    """
    height, width = pixels.shape[:2]
    factor = min(height, width) // least
    if factor < 2:  # noqa: PLR2004  nothing to average
        return Image.fromarray(pixels)
    rows = max(1, BAND // (width * factor)) * factor
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, rows):
        small.paste(Image.fromarray(pixels[top : top + rows]).reduce(factor), (0, top // factor))
    return small
