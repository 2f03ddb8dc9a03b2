"""The heads: what the encoder and the n-grams say of a text in, the probability of each label out.

One file of arrays, made by `moderation models train`; nothing in it is code. `cheap` heads look at n-grams alone and
decide which texts are worth the encoder: what they leave out keeps their own, low probabilities.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile
from zlib import error as BadStream  # noqa: N812  the module's exception has no better name

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.models.encoder import Vectors
from streams.models.features import WIDE
from streams.models.ngrams import BUCKETS, ngrams, spaced

FILE: Final = "heads.npz"
UNDER: Final = 1e-4  # below the threshold: the last place that is told
Floats = NDArray[np.float64]


class Wrong(ValueError):
    """The file does not hold what heads need."""


class Heads(msgspec.Struct, frozen=True):
    """Weights and thresholds of L labels."""

    labels: tuple[str, ...]
    version: str  # of the training: changes with its data and its recipe
    vector: Floats  # [WIDE, L]
    bias: Floats  # [L]
    table: NDArray[np.int8]  # [BUCKETS, 2 L]: the n-grams' weights, then those of the cheap heads, in steps
    steps: NDArray[np.float32]  # [2 L]
    rarity: NDArray[np.float32]  # [BUCKETS], the weight of an n-gram
    cheap_bias: Floats  # [L]
    scale: Floats  # [L, 2], slope and shift: probability = 1 / (1 + exp(-(slope x logit + shift)))
    cheap_scale: Floats  # [L, 2], of the cheap logits
    found: Floats  # [L]: the probability from which a label counts as found
    firm: Floats  # [L]: the one from which it is more than a low suspicion
    doubt: Floats  # [L]: the cheap logit from which the encoder is asked
    certain: Floats  # [L]: the one from which it need not be asked any more

    def grams(self, texts: list[str]) -> tuple[Floats, Floats]:
        """Return the n-grams' part of each text's logits, and its cheap logits; both [n, L]."""
        count = len(self.labels)
        sums = np.zeros((len(texts), 2 * count))
        found = ngrams([spaced(text) for text in texts])
        if len(found.buckets):
            rarity = self.rarity[found.buckets]
            starts = np.flatnonzero(np.concatenate(([True], found.texts[1:] != found.texts[:-1])))
            length = np.sqrt(np.add.reduceat(rarity * rarity, starts, dtype=np.float64))
            weighted = self.table[found.buckets] * rarity[:, None]
            total = np.add.reduceat(weighted, starts, axis=0, dtype=np.float64)
            sums[found.texts[starts]] = total * self.steps / np.maximum(length, 1e-9)[:, None]
        return sums[:, :count], sums[:, count:] + self.cheap_bias

    def logits(self, wide: Vectors, grams: Floats) -> Floats:
        """Return the logits [n, L] of texts with these features; in float64, where the order of a sum does not tell."""
        return wide.astype(np.float64) @ self.vector + grams + self.bias

    def probabilities(self, logits: Floats) -> Floats:
        """Return calibrated probabilities [n, L], to four places."""
        return _calibrated(logits, self.scale)

    def doubtful(self, cheap: Floats) -> NDArray[np.bool_]:
        """Say of each text whether the encoder is to be asked."""
        return np.asarray(((cheap >= self.doubt) & (cheap < self.certain)).any(axis=1))

    def unasked(self, cheap: Floats) -> Floats:
        """Return the probabilities [n, L] of texts that the encoder is not asked about: found only what is certain."""
        probabilities = _calibrated(cheap, self.cheap_scale)
        sure = np.maximum(probabilities, self.found)
        return np.where(cheap >= self.certain, sure, np.minimum(probabilities, self.found - UNDER))


def _calibrated(logits: Floats, scale: Floats) -> Floats:
    scaled = np.clip(logits * scale[:, 0] + scale[:, 1], -30, 30)
    return np.asarray(np.round(1 / (1 + np.exp(-scaled)), 4))


def read(data: bytes) -> Heads:
    """Return the heads of a file; raise Wrong when it is none."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as stored:
            arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
        labels = tuple(str(label) for label in arrays.pop("labels"))
        rarity = arrays.pop("rarity").astype(np.float32)
        heads = Heads(labels=labels, version=str(arrays.pop("version")), rarity=rarity, **arrays)
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, BadStream) as error:
        raise Wrong(f"no heads: {type(error).__name__}") from None
    if any(getattr(heads, name).shape != shape for name, shape in _shapes(len(heads.labels)).items()):
        raise Wrong("the heads are of another encoder or other n-grams: train them again")
    return heads


def _shapes(count: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array of the heads of so many labels."""
    each = ("bias", "cheap_bias", "found", "firm", "doubt", "certain")
    pairs = ("scale", "cheap_scale")
    whole = {"vector": (WIDE, count), "table": (BUCKETS, 2 * count), "steps": (2 * count,), "rarity": (BUCKETS,)}
    return whole | dict.fromkeys(each, (count,)) | dict.fromkeys(pairs, (count, 2))


def written(heads: Heads) -> bytes:
    """Return the file of some heads."""
    file = BytesIO()
    arrays: dict[str, Any] = {name: getattr(heads, name) for name in heads.__struct_fields__}
    arrays["rarity"] = heads.rarity.astype(np.float16)
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@cache
def shipped() -> Heads:
    """Return the heads that come with the package."""
    return read((files("streams.models") / "data" / FILE).read_bytes())
