"""Words: texts in, what their words mean when each is read alone out; hundreds of times cheaper than the encoder.

Each word that training texts hold has the encoder's vector of the word alone, on NARROW axes and in whole steps. A text
is the mean of its words, and their mean once more in which rare words weigh more. Word order is lost: it is for gates,
which decide what is worth the encoder, and never for an answer. Whole numbers throughout: sums are exact in any batch.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from itertools import accumulate, chain, pairwise
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.models.arrays import Wrong, packed, unpacked
from streams.models.cosine import stepped
from streams.models.encoder import Encode, Vectors
from streams.models.graph import WIDTH

FILE: Final = "words.npz"
NARROW: Final = 256  # axes of a word
WORDY: Final = 2 * NARROW  # features of a text
LARGEST: Final = 127  # of a coordinate and of a feature


class Words(msgspec.Struct, frozen=True):
    """W words, and the axes on which others can be placed."""

    words: tuple[str, ...]
    table: NDArray[np.int8]  # [W, NARROW]
    rarity: NDArray[np.uint8]  # [W], 1 to LARGEST
    axes: NDArray[np.float32]  # [WIDTH, NARROW], of length 1 and on the steps of cosines
    scale: NDArray[np.float32]  # [1], of a word's coordinates on the axes
    centre: NDArray[np.float32]  # [NARROW], which is taken from them then

    def version(self) -> str:
        """Return 12 hexadecimal digits that change with the words and their coordinates."""
        digest = blake2b("\n".join(self.words).encode(), digest_size=6)
        digest.update(self.table.tobytes() + self.rarity.tobytes())
        return digest.hexdigest()

    def places(self) -> dict[str, int]:
        """Return where each word stands in the table."""
        return {word: place for place, word in enumerate(self.words)}

    def with_others(self, texts: Sequence[str], encode: Encode) -> "Words":
        """Return these words and those of some texts that are not among them, as rare as the rarest."""
        known = set(self.words)
        others = [word for word in dict.fromkeys(word for text in texts for word in text.split()) if word not in known]
        if not others:
            return self
        return msgspec.structs.replace(
            self,
            words=(*self.words, *others),
            table=np.concatenate([self.table, placed(encode(others), self.axes, self.scale, self.centre)]),
            rarity=np.concatenate([self.rarity, np.full(len(others), self.rarity.max(initial=1), np.uint8)]),
        )


class _Rows(dict[str, int]):
    """Where each word stands in a table; any other at its end."""

    def __missing__(self, word: str) -> int:
        return len(self)


class Meaning:
    """Some words, ready for texts."""

    def __init__(self, words: Words) -> None:
        self._row = _Rows(words.places()).__getitem__
        # Other words have a row of their own, at the end, and no weight: nothing has to be sorted out.
        self._table = np.concatenate([words.table, np.zeros((1, NARROW), np.int8)])
        self._weights = np.ones((2, len(self._table)), np.float32)
        self._weights[1, :-1] = words.rarity
        self._weights[:, -1] = 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return the features of texts as `ngrams.spaced` returns them: whole numbers, float32 [n, WORDY]."""
        split = [text.split() for text in texts]
        rows = np.fromiter(map(self._row, chain.from_iterable(split)), np.int64)
        ends = np.fromiter(accumulate(map(len, split), initial=0), np.int64, len(texts) + 1)
        coordinates = self._table.take(rows, axis=0).astype(np.float32)
        weights = self._weights.take(rows, axis=1)
        sums = np.zeros((len(texts), 2, NARROW), np.float32)
        for place, (start, end) in enumerate(pairwise(ends.tolist())):
            np.matmul(weights[:, start:end], coordinates[start:end], out=sums[place])
        so_far = np.concatenate([np.zeros((2, 1)), np.cumsum(weights, axis=1, dtype=np.float64)], axis=1)
        totals = np.maximum(np.diff(so_far[:, ends], axis=1), 1).astype(np.float32).T
        features: Vectors = np.rint(sums / totals[:, :, None]).reshape(len(texts), WORDY)
        return features


def counted(text: str) -> int:
    """Return the number of words of a text as `ngrams.spaced` returns it, known or not; signs are none."""
    return sum(word[0].isalnum() for word in text.split())


def placed(vectors: Vectors, axes: Vectors, scale: Vectors, centre: Vectors) -> NDArray[np.int8]:
    """Return the coordinates of words with these vectors, whole numbers to LARGEST; fields as in Words."""
    coordinates: Vectors = np.rint(stepped(vectors) @ axes * scale - centre)
    whole: NDArray[np.int8] = np.clip(coordinates, -LARGEST, LARGEST).astype(np.int8)
    return whole


def read(data: bytes) -> Words:
    """Return the words of a file; raise Wrong when it holds none."""
    words = unpacked(data, "words", _made)
    count = len(words.words)
    shapes = {
        "table": (count, NARROW),
        "rarity": (count,),
        "axes": (WIDTH, NARROW),
        "centre": (NARROW,),
        "scale": (1,),
    }
    if any(getattr(words, name).shape != shape for name, shape in shapes.items()):
        raise Wrong("the words are of another encoder: train them again")
    return words


def _made(arrays: dict[str, Any]) -> Words:
    return Words(words=tuple(arrays.pop("words").tobytes().decode().split("\n")), **arrays)


def written(words: Words) -> bytes:
    """Return the file of some words."""
    joined = np.frombuffer("\n".join(words.words).encode(), np.uint8)
    return packed(msgspec.structs.asdict(words) | {"words": joined})


@cache
def shipped() -> Words:
    """Return the words that come with the package."""
    return read((files("streams.models") / "data" / FILE).read_bytes())
