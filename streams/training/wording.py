"""Words and their sketch: texts and their vectors in, what glances need out."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from streams.models.cosine import stepped
from streams.models.encoder import Encode, Vectors
from streams.models.sketch import Sketch
from streams.models.words import LARGEST, NARROW, Words, placed
from streams.training.features import CHUNK, RARE
from streams.training.recipe import SKETCH_SMOOTH, TRAFFIC

CLIPPED = 1.5  # by so much the largest coordinate is cut: most are far smaller, and get finer steps
FINENESS = 8  # steps of rarity for each power of e


def words(texts: Sequence[str], encode: Encode) -> Words:
    """Return the words that RARE or more texts hold, on the axes along which these words differ most."""
    holding = Counter(word for text in texts for word in set(text.split()))
    known = sorted(word for word, count in holding.items() if count >= RARE)
    vectors = [encode(known[start : start + CHUNK]) for start in range(0, len(known), CHUNK)]
    alone = stepped(np.concatenate(vectors))
    axes = _axes(alone)
    coordinates = alone @ axes
    scale = np.array([CLIPPED * LARGEST / np.abs(coordinates).max()], np.float32)
    centre = coordinates.mean(axis=0) * scale
    rarity = [FINENESS * np.log(len(texts) / (1 + holding[word])) for word in known]
    return Words(
        words=tuple(known),
        table=placed(alone, axes, scale, centre),
        rarity=np.clip(np.rint(rarity), 1, LARGEST).astype(np.uint8),
        axes=axes,
        scale=scale,
        centre=centre,
    )


def _axes(vectors: Vectors) -> Vectors:
    """Return the directions of most variance, float32 [WIDTH, NARROW], on the steps of cosines."""
    _, found = np.linalg.eigh(np.cov(vectors.astype(np.float64), rowvar=False))
    axes = found[:, : -NARROW - 1 : -1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(NARROW)])  # a direction has two ends
    return stepped(axes.astype(np.float32))


def sketched(
    features: Vectors, vectors: Vectors, lengths: NDArray[np.integer[Any]], traffic: NDArray[np.bool_]
) -> Sketch:
    """Return the map from features [n, WORDY] to vectors [n, WIDTH], and a sample of the rows that are traffic.

    `lengths` [n] are the texts' numbers of words.
    """
    ridge = Ridge(alpha=SKETCH_SMOOTH).fit(features.astype(np.float64), vectors.astype(np.float64))
    steps = np.maximum(np.abs(ridge.coef_).max(axis=1) / LARGEST, 1e-12)
    spread = slice(None, None, max(1, round(traffic.sum() / TRAFFIC)))
    return Sketch(
        map=np.rint(ridge.coef_.T / steps).astype(np.int8),
        steps=steps.astype(np.float32),
        bias=ridge.intercept_.astype(np.float32),
        traffic=features[traffic][spread].astype(np.int8),
        lengths=lengths[traffic][spread].astype(np.uint16),
    )
