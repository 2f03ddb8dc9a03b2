"""Readings: texts in, what the encoder is given of each out, made once for all engines; and their vectors."""

from collections.abc import Sequence
from itertools import accumulate
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core.recent import Recent
from streams.models.encoder import Encode, Vectors
from streams.models.pieces import MOST, pieces
from streams.models.prepared import prepared

LAST: Final = 4  # of MOST pieces: a text's end says what is wanted, its middle is looked at last
FEW: Final = 2  # pieces of a text that a gate may keep from the encoder: n-grams tell little of a long one
REMEMBERED: Final = 20_000  # texts that are remembered
LONG: Final = 500  # characters; longer texts are not remembered, so that all together stay below 100 MB


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


_recent: Final[Recent[str, Reading]] = Recent(REMEMBERED)
_lock: Final = Lock()


def readings(texts: Sequence[str]) -> list[Reading]:
    """Return a reading of each text; the last ones are remembered. Thread-safe."""
    found = []
    for text in texts:
        with _lock:
            known = _recent.get(text)
        if known is None:
            known = read(text)
            if len(text) <= LONG:
                with _lock:
                    _recent.put(text, known)
        found.append(known)
    return found


def read(text: str) -> Reading:
    """Return a reading of a text without looking at those that are remembered."""
    ready = prepared(text)
    cut = pieces(ready)
    return Reading(ready, tuple(cut if len(cut) <= MOST else [*cut[: MOST - LAST], *cut[-LAST:]]))


def vectors(read: Sequence[Reading], encode: Encode) -> Encoded:
    """Return the vectors of readings; each different piece is encoded once."""
    starts = np.fromiter(accumulate((len(each.pieces) for each in read), initial=0), np.int64, len(read) + 1)
    return Encoded(encode([piece for each in read for piece in each.pieces]), starts)
