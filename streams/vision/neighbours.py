"""A bounded memory of PDQ hashes: hashes under keys in, those close to a picture out, closest first."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from streams.vision.pdq import WORDS, columns, distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST: Final = 1024  # columns that are made at first; doubled when they are full


class Neighbour(NamedTuple):
    """A remembered hash that is close."""

    distance: int  # bits, 0..256
    key: bytes


class Neighbours:
    """Hashes by key, at most `most` of them: beyond that the one that came first is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._columns: NDArray[np.uint64] = np.zeros((WORDS, min(most, FIRST)), dtype=np.uint64)
        self._keys: list[bytes] = []  # by column, without gaps
        self._column: OrderedDict[bytes, int] = OrderedDict()  # by key, in the order in which they came

    def __len__(self) -> int:
        """Return how many hashes are remembered."""
        return len(self._keys)

    def put(self, key: bytes, pdq: str) -> bytes | None:
        """Remember a hash (64 hexadecimal digits); return the key that had to be forgotten for it."""
        self.remove(key)
        forgotten = None
        if len(self._keys) >= self._most:
            forgotten = next(iter(self._column))
            self.remove(forgotten)
        at = len(self._keys)
        if at == self._columns.shape[1]:
            larger = np.zeros((WORDS, min(2 * at, self._most)), dtype=np.uint64)
            larger[:, :at] = self._columns
            self._columns = larger
        self._columns[:, at] = columns((pdq,))[:, 0]
        self._keys.append(key)
        self._column[key] = at
        return forgotten

    def remove(self, key: bytes) -> None:
        """Forget a key, also one that is not known; the last column takes its place."""
        at = self._column.pop(key, None)
        if at is None:
            return
        last = self._keys.pop()
        if last != key:
            self._columns[:, at] = self._columns[:, len(self._keys)]
            self._keys[at] = last
            self._column[last] = at

    def near(self, variants: Sequence[str], within: int) -> list[Neighbour]:
        """Return what is at most `within` bits from any of these forms of a picture, closest first."""
        if not variants or not self._keys:
            return []
        known = self._columns[:, : len(self._keys)]
        forms = columns(tuple(variants))
        nearest = distances(known, forms[:, 0])
        for form in range(1, forms.shape[1]):
            np.minimum(nearest, distances(known, forms[:, form]), out=nearest)
        close = np.flatnonzero(nearest <= within)
        return sorted(Neighbour(int(nearest[at]), self._keys[at]) for at in close)
