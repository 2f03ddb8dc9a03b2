"""Readings: texts in, what the encoder is given of each out, made once for all engines; and their vectors."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core.recent import Last
from streams.models.encoder import Encode, Vectors
from streams.models.pieces import MOST, pieces
from streams.models.prepared import prepared

LAST: Final = 4  # of MOST pieces: a text's end says what is wanted, its middle is looked at last
FEW: Final = 2  # pieces of a text that a gate may keep from the encoder: n-grams tell little of a long one


class Reading(NamedTuple):
    """A text as the model reads it."""

    prepared: str  # whole
    pieces: tuple[str, ...]  # what is encoded: 1 to MOST, of a longer text its first and its LAST ones

    @property
    def short(self) -> bool:
        """Say whether a gate may keep the text from the encoder."""
        return len(self.pieces) <= FEW

    def __repr__(self) -> str:
        """Show the length only: content never reaches a log."""
        return f"Reading({len(self.prepared)} characters)"


class Encoded(NamedTuple):
    """The vectors of all pieces of some readings, in order."""

    vectors: Vectors  # float32 [pieces, WIDTH], of length 1
    starts: NDArray[np.int64]  # [readings + 1]: those of reading i are vectors[starts[i]:starts[i + 1]], at least one

    def of(self, place: int) -> Vectors:
        """Return the vectors of one reading."""
        return self.vectors[self.starts[place] : self.starts[place + 1]]


def readings(texts: Sequence[str]) -> list[Reading]:
    """Return a reading of each text; those of the last batch are remembered. Thread-safe."""
    return list(_last(tuple(texts)))


def read(text: str) -> Reading:
    """Return the reading of a text."""
    ready = prepared(text)
    cut = pieces(ready)
    return Reading(ready, tuple(cut if len(cut) <= MOST else [*cut[: MOST - LAST], *cut[-LAST:]]))


_last: Final[Last[tuple[str, ...], list[Reading]]] = Last(lambda texts: [read(text) for text in texts])


def vectors(read: Sequence[Reading], encode: Encode) -> Encoded:
    """Return the vectors of readings; each different piece is encoded once."""
    starts = np.fromiter(accumulate((len(each.pieces) for each in read), initial=0), np.int64, len(read) + 1)
    return Encoded(encode([piece for each in read for piece in each.pieces]), starts)
