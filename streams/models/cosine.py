"""Cosines of vectors of length 1 that come out the same in any batch, on any machine.

A product of floats depends on the order of its sums, and so on how many rows are multiplied at once. Coordinates that
are whole multiples of a step of 2^-11 have products that are multiples of 2^-22, whose sums stay below 2: float32 holds
each of them exactly, in whatever order. The step costs a cosine less than .001.
"""

from typing import Final

import numpy as np

from streams.models.encoder import Vectors

STEP: Final = np.float32(2**-11)


def stepped(vectors: Vectors) -> Vectors:
    """Return vectors of length 1, float32 [n, WIDTH], with coordinates that are multiples of STEP."""
    on_steps: Vectors = np.rint(vectors / STEP) * STEP
    return on_steps


def cosines(rows: Vectors, columns: Vectors) -> Vectors:
    """Return the cosine of each row with each column, float32 [rows, columns]; both as `stepped` returns them."""
    product: Vectors = rows @ columns.T
    return product
