"""What heads are fitted on: texts in, vectors of the encoder and weighted n-grams out."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streams.models.encoder import Encode, Vectors
from streams.models.features import WIDE, wide
from streams.models.ngrams import BUCKETS, ngrams, spaced
from streams.models.outright import outright
from streams.models.reading import read, vectors
from streams.signals.signal import signals
from streams.training.recipe import LABELS

CHUNK: Final = 512  # texts at once
RARE: Final = 3  # texts that must hold an n-gram: what fewer hold tells nothing


class Features(NamedTuple):
    """Of n texts: float32 [n, WIDE] of the encoder, and CSR float32 [n, BUCKETS] of n-grams, 1 where one occurs."""

    vectors: Vectors
    ngrams: sparse.csr_matrix
    short: NDArray[np.bool_]  # [n]: the text is one that a gate may keep from the encoder
    single: NDArray[np.bool_]  # [n]: the text is one piece
    texts: tuple[str, ...]  # as n-grams and words see them
    outright: NDArray[np.float64]  # [n, L], what signals add to the logits


def features(texts: Sequence[str], encode: Encode, tell: Callable[[int], None]) -> Features:
    """Return the features of texts; `tell` is told how many more are done."""
    found = np.zeros((len(texts), WIDE), np.float32)
    short, single = np.zeros(len(texts), bool), np.zeros(len(texts), bool)
    grams, written, shown = [], [], []
    for start in range(0, len(texts), CHUNK):
        chunk = [read(text) for text in texts[start : start + CHUNK]]
        found[start : start + CHUNK] = wide(vectors(chunk, encode))
        short[start : start + CHUNK] = [reading.short for reading in chunk]
        single[start : start + CHUNK] = [len(reading.pieces) == 1 for reading in chunk]
        shown += [signals(reading.prepared) for reading in chunk]
        spaced_out = [spaced(reading.prepared) for reading in chunk]
        grams.append(_rows(spaced_out))
        written += spaced_out
        tell(len(chunk))
    return Features(found, sparse.vstack(grams).tocsr(), short, single, tuple(written), outright(shown, LABELS))


def _rows(texts: Sequence[str]) -> sparse.csr_matrix:
    found = ngrams(texts)
    ones = np.ones(len(found.buckets), np.float32)
    return sparse.csr_matrix((ones, (found.texts, found.buckets)), shape=(len(texts), BUCKETS))


def weights(grams: sparse.csr_matrix) -> NDArray[np.float32]:
    """Return the weight of each bucket: the logarithm of how rare it is, 0 for those that are too rare."""
    occurring = np.asarray(grams.sum(axis=0)).ravel()
    weight = np.log((1 + grams.shape[0]) / (1 + occurring)) + 1
    return np.where(occurring >= RARE, weight, 0).astype(np.float32)


def weighted(grams: sparse.csr_matrix, weight: NDArray[np.float32]) -> sparse.csr_matrix:
    """Return n-grams times their weights, each text's row brought to length 1."""
    rows = grams @ sparse.diags(weight)
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(length, 1e-9)) @ rows).tocsr().astype(np.float32)
