"""The encoder's part of a text's features: the mean and the largest of each direction over its pieces, side by side."""

from typing import Final

import numpy as np

from streams.models.cosine import stepped
from streams.models.encoder import Vectors
from streams.models.graph import WIDTH
from streams.models.reading import Encoded

WIDE: Final = 2 * WIDTH


def wide(encoded: Encoded) -> Vectors:
    """Return float32 [readings, WIDE] of the vectors of their pieces."""
    starts = encoded.starts[:-1]
    if not len(starts):
        return np.zeros((0, WIDE), np.float32)
    counts = np.diff(encoded.starts).astype(np.float32)
    vectors = stepped(encoded.vectors)  # so that sums are exact, whatever the batch
    mean = np.add.reduceat(vectors, starts) / counts[:, None]
    return np.hstack([mean, np.maximum.reduceat(vectors, starts)])
