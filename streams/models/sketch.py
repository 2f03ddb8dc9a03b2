"""Sketches: features of texts' words in, roughly the vectors that the encoder would give out; and whose they come near.

A linear map, fitted to the encoder's vectors of training texts. A sketch is no answer: it tells which texts are worth
the encoder. How near is near enough is read off a sample of everyday traffic, so that a group of phrases never asks for
more than its share of it, whatever the phrases are.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.models.arrays import Wrong, packed, unpacked
from streams.models.cosine import stepped
from streams.models.encoder import Encode, Vectors
from streams.models.graph import WIDTH
from streams.models.nearest import FAR, Group, Nearest
from streams.models.ngrams import spaced
from streams.models.words import WORDY, Meaning, Words

FILE: Final = "sketch.npz"
# Words of a text at most -> share of everyday traffic of this length that one group of phrases may ask the encoder
# about: what is short costs little, and is more often what a phrase says and nothing else.
ASKED: Final = ((8, 0.012), (16, 0.002), (1 << 31, 0.0015))
LENGTHS: Final = np.array([words + 1 for words, _ in ASKED[:-1]])  # from which the next share counts
# A phrase is half its own sketch: what is written like it comes near, too, however the encoder reads it.
SHARE: Final = np.float32(0.5)
SMALLEST: Final = np.float32(1e-9)


class Sketch(msgspec.Struct, frozen=True):
    """The map, and S texts of everyday traffic."""

    map: NDArray[np.int8]  # [WORDY, WIDTH]
    steps: NDArray[np.float32]  # [WIDTH], of the columns of the map
    bias: NDArray[np.float32]  # [WIDTH]
    traffic: NDArray[np.int8]  # [S, WORDY], features of its texts
    lengths: NDArray[np.uint16]  # [S], words of its texts

    def vectors(self, features: Vectors) -> Vectors:
        """Return the sketch of each text, float32 [n, WIDTH] of length 1, of its features as `Meaning` returns them."""
        return lengthened(features @ self.map.astype(np.float32) * self.steps + self.bias)


class Gate:
    """Groups of phrases, and how near a sketch must come to one of each. Immutable."""

    def __init__(self, groups: Sequence[Sequence[str]], encode: Encode, words: Words, sketch: Sketch) -> None:
        written = [spaced(phrase) for group in groups for phrase in group]
        meaning = Meaning(words.with_others(written, encode))

        def placed(phrases: Sequence[str]) -> Vectors:
            drawn = sketch.vectors(meaning([spaced(phrase) for phrase in phrases]))
            return lengthened(stepped(encode(phrases)) + SHARE * stepped(drawn))

        self._sketch = sketch
        self._nearest = Nearest([Group(group) for group in groups], placed)
        usual, kinds = self._nearest(sketch.vectors(sketch.traffic.astype(np.float32))), _kinds(sketch.lengths)
        self._least = np.stack(
            [_least(usual[kinds == kind], share) for kind, (_, share) in enumerate(ASKED)], dtype=np.float32
        )

    def near(self, features: Vectors, lengths: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Say of each text and group, [n, groups], whether the encoder is to be asked.

        `features` as in `vectors`; `lengths` [n] are the texts' numbers of words.
        """
        return np.asarray(self._nearest(self._sketch.vectors(features)) > self._least[_kinds(lengths)])


def _least(usual: Vectors, share: float) -> Vectors:
    """Return for each group the cosine that no more than a share of usual ones exceeds; without any, all do."""
    if not len(usual):
        return np.full(usual.shape[1], FAR)
    return np.asarray(np.quantile(usual, 1 - share, axis=0, method="higher"))


def _kinds(lengths: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return for each number of words which place of ASKED counts."""
    return np.searchsorted(LENGTHS, lengths, side="right")


def lengthened(vectors: Vectors) -> Vectors:
    """Return vectors brought to length 1; the same bits for a row in whatever company."""
    length = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    brought: Vectors = vectors / np.maximum(length, SMALLEST)
    return brought


def read(data: bytes) -> Sketch:
    """Return the sketch of a file; raise Wrong when it holds none."""
    sketch = unpacked(data, "sketch", lambda arrays: Sketch(**arrays))
    shapes = {"map": (WORDY, WIDTH), "steps": (WIDTH,), "bias": (WIDTH,), "traffic": (len(sketch.lengths), WORDY)}
    if any(getattr(sketch, name).shape != shape for name, shape in shapes.items()):
        raise Wrong("the sketch is of another encoder or other words: train it again")
    return sketch


def written(sketch: Sketch) -> bytes:
    """Return the file of a sketch."""
    return packed(msgspec.structs.asdict(sketch))


@cache
def shipped() -> Sketch:
    """Return the sketch that comes with the package."""
    return read((files("streams.models") / "data" / FILE).read_bytes())
