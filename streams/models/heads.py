"""The heads: what the encoder and the n-grams say of a text in, the probability of each label out.

One file of arrays, made by `moderation models train`; nothing in it is code. `cheap` heads look at n-grams and at words
alone and decide which texts are worth the encoder: what they leave out keeps their own, low probabilities.
"""

from collections.abc import Collection, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.models.arrays import Wrong, packed, unpacked
from streams.models.encoder import Vectors
from streams.models.features import WIDE
from streams.models.ngrams import BUCKETS, ngrams
from streams.models.words import WORDY

FILE: Final = "heads.npz"
SMALLEST: Final = 1e-9
SUSPECTED: Final = 0.1  # the probability from which a label that is not found is suspected
UNDER: Final = 1e-4  # below the threshold: the last place that is told
Floats = NDArray[np.float64]


class Heads(msgspec.Struct, frozen=True, dict=True):
    """Weights and thresholds of L labels."""

    labels: tuple[str, ...]
    version: str  # of the training: changes with its data and its recipe
    vector: Floats  # [WIDE, L]
    bias: Floats  # [L]
    table: NDArray[np.int8]  # [BUCKETS, L]: the n-grams' weights, in steps
    steps: NDArray[np.float32]  # [L]
    rarity: NDArray[np.float32]  # [BUCKETS], the weight of an n-gram
    cheap_table: NDArray[np.int8]  # [BUCKETS, L], of the cheap heads
    cheap_steps: NDArray[np.float32]  # [L]
    cheap_words: NDArray[np.int8]  # [WORDY, L], the cheap heads' weights of the words' features, in steps
    cheap_words_steps: NDArray[np.float32]  # [L]
    words: str  # the version of the words that these weights are for
    cheap_bias: Floats  # [L]
    scale: Floats  # [L, 2], slope and shift: probability = 1 / (1 + exp(-(slope x logit + shift)))
    cheap_scale: Floats  # [L, 2], of the cheap logits
    found: Floats  # [L]: the probability from which a label counts as found
    firm: Floats  # [L]: the one from which it is more than a low suspicion
    doubt: Floats  # [L]: the cheap logit from which the encoder is asked
    certain: Floats  # [L]: the one from which it need not be asked any more; infinite where only it can be certain

    def grams(self, texts: Sequence[str]) -> Floats:
        """Return the n-grams' part of the logits [n, L] of texts as `spaced` returns them."""
        return _summed(texts, self._columns)

    def cheap(self, texts: Sequence[str], features: Vectors) -> Floats:
        """Return the cheap logits [n, L] of such texts and of their words' features, float32 [n, WORDY]."""
        words = (features @ self.cheap_words.astype(np.float32)) * self.cheap_words_steps
        return _summed(texts, self._cheap_columns) + words + self.cheap_bias

    @cached_property
    def _columns(self) -> Vectors:
        return _weighed(self.table, self.steps, self.rarity)

    @cached_property
    def _cheap_columns(self) -> Vectors:
        return _weighed(self.cheap_table, self.cheap_steps, self.rarity)

    def logits(self, wide: Vectors, grams: Floats) -> Floats:
        """Return the logits [n, L] of texts with these features; in float64, where the order of a sum does not tell."""
        return wide.astype(np.float64) @ self.vector + grams + self.bias

    def probabilities(self, logits: Floats) -> Floats:
        """Return calibrated probabilities [n, L], to four places."""
        return _calibrated(logits, self.scale)

    def suspected(self, cheap: Floats, labels: Collection[str]) -> NDArray[np.bool_]:
        """Say of each text whether n-grams, where they alone decide, come near to finding one of these labels."""
        told = np.array([label in labels for label in self.labels]) & np.isfinite(self.certain)
        return np.asarray(
            ((_calibrated(cheap, self.cheap_scale) >= SUSPECTED) & (cheap < self.certain))[:, told].any(1)
        )

    def doubtful(self, cheap: Floats) -> NDArray[np.bool_]:
        """Say of each text whether the encoder is to be asked."""
        return np.asarray(((cheap >= self.doubt) & (cheap < self.certain)).any(axis=1))

    def unasked(self, cheap: Floats) -> Floats:
        """Return the probabilities [n, L] of texts that the encoder is not asked about: found only what is certain."""
        probabilities = _calibrated(cheap, self.cheap_scale)
        sure = np.maximum(probabilities, self.found)
        return np.where(cheap >= self.certain, sure, np.minimum(probabilities, self.found - UNDER))


def _weighed(table: NDArray[np.int8], steps: Vectors, rarity: Vectors) -> Vectors:
    """Return what each n-gram adds, float32 [BUCKETS, L + 1]: its weights, and the square of its rarity."""
    return np.hstack([table * steps * rarity[:, None], np.square(rarity)[:, None]], dtype=np.float32)


def _summed(texts: Sequence[str], columns: Vectors) -> Floats:
    """Return what the n-grams of each text add together, their rarities brought to a vector of length 1, [n, L]."""
    sums = np.zeros((len(texts), columns.shape[1] - 1))
    found = ngrams(texts)
    if len(found.buckets):
        starts = np.flatnonzero(np.concatenate(([True], found.texts[1:] != found.texts[:-1])))
        total = np.add.reduceat(columns.take(found.buckets, axis=0), starts, axis=0).astype(np.float64)
        sums[found.texts[starts]] = total[:, :-1] / np.maximum(np.sqrt(total[:, -1:]), SMALLEST)
    return sums


def _calibrated(logits: Floats, scale: Floats) -> Floats:
    scaled = np.clip(logits * scale[:, 0] + scale[:, 1], -30, 30)
    return np.asarray(np.round(1 / (1 + np.exp(-scaled)), 4))


def read(data: bytes) -> Heads:
    """Return the heads of a file; raise Wrong when it is none."""
    heads = unpacked(data, "heads", _made)
    if any(getattr(heads, name).shape != shape for name, shape in _shapes(len(heads.labels)).items()):
        raise Wrong("the heads are of another encoder or other n-grams: train them again")
    return heads


def _made(arrays: dict[str, Any]) -> Heads:
    labels = tuple(str(label) for label in arrays.pop("labels"))
    rarity = arrays.pop("rarity").astype(np.float32)
    arrays |= {name: str(arrays[name]) for name in ("version", "words")}
    return Heads(labels=labels, rarity=rarity, **arrays)


def _shapes(count: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array of the heads of so many labels."""
    each = ("bias", "steps", "cheap_bias", "cheap_steps", "cheap_words_steps", "found", "firm", "doubt", "certain")
    pairs = ("scale", "cheap_scale")
    tables = dict.fromkeys(("table", "cheap_table"), (BUCKETS, count))
    whole = {"vector": (WIDE, count), "cheap_words": (WORDY, count), "rarity": (BUCKETS,)}
    return whole | tables | dict.fromkeys(each, (count,)) | dict.fromkeys(pairs, (count, 2))


def written(heads: Heads) -> bytes:
    """Return the file of some heads."""
    return packed(msgspec.structs.asdict(heads) | {"rarity": heads.rarity.astype(np.float16)})


@cache
def shipped() -> Heads:
    """Return the heads that come with the package."""
    return read((files("streams.models") / "data" / FILE).read_bytes())
