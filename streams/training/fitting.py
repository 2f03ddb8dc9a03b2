"""Fitting: rows and their features in, one linear head a label out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streams.models.encoder import Vectors
from streams.models.ngrams import BUCKETS, MARKS
from streams.models.words import counted
from streams.training.features import Features
from streams.training.linear import Floats, Linear, mean, on_ngrams, on_others, on_vectors, summed
from streams.training.recipe import (
    BROAD,
    BROAD_STRENGTH,
    FOLDS,
    HARM,
    HARM_OF,
    MARKED,
    MEAN_STRENGTH,
    NARROW,
    NARROW_HATE,
    NARROW_SOURCE,
    NGRAM_SHARE,
    ORDINARY,
    ORDINARY_EACH,
    ORDINARY_WEIGHT,
    OWN,
    OWN_SOURCE,
    SHARE,
)
from streams.training.rows import Row

Mask = NDArray[np.bool_]
Truth = NDArray[np.int8]  # 1 positive, 0 negative, -1 unknown


class Data(NamedTuple):
    """Rows as arrays, all in the same order."""

    vectors: Vectors
    grams: sparse.csr_matrix  # weighted
    truths: Mapping[str, Truth]  # by label
    folds: NDArray[np.int64]
    narrow: Mask  # rows of the narrow source
    own: Mask
    ordinary: Mask  # rows of ordinary talk that nothing bad is known of
    traffic: Mask  # rows of the sources of ordinary talk, whatever is known of them
    short: Mask  # rows that the gate may keep from the encoder
    single: Mask  # rows of one piece
    words: Vectors  # [n, WORDY], features of the words; of short rows alone
    lengths: NDArray[np.int64]  # [n], numbers of words


def arranged(rows: Sequence[Row], found: Features, grams: sparse.csr_matrix, words: Vectors) -> Data:
    """Return rows, their features and their weighted n-grams as arrays; rows of one group are in one fold."""
    labels = sorted({label for row in rows for label in row.labels})
    truths = {
        label: np.array([-1 if (truth := row.labels.get(label)) is None else truth for row in rows], np.int8)
        for label in labels
    }
    return Data(
        found.vectors,
        grams,
        truths,
        np.array([crc32(row.group.encode()) % FOLDS for row in rows]),
        np.array([row.source == NARROW_SOURCE for row in rows]),
        np.array([row.source == OWN_SOURCE for row in rows]),
        np.array([row.source in ORDINARY and bool(row.labels) and not any(row.labels.values()) for row in rows]),
        np.array([row.source in ORDINARY for row in rows]),
        found.short,
        found.single,
        words,
        np.array([counted(text) for text in found.texts]),
    )


def fitted(data: Data, training: Mask) -> dict[str, Linear]:
    """Return the head of each label, fitted on the rows of a mask."""
    unmarked = data._replace(grams=_unmarked(data.grams))
    broad = {label: _broad(data if label in MARKED else unmarked, training, label) for label in BROAD}
    logits = np.stack([head.logits(data.vectors, data.grams) for head in broad.values()], axis=1)
    others = list(broad.values())
    harm = np.max([data.truths[label] for label in NARROW], axis=0).astype(np.int8)
    any_harm = _narrow(unmarked, training, harm, 0.0, logits, others)
    heads = dict(broad)
    for label in NARROW:
        head = _narrow(unmarked, training, data.truths[label], OWN.get(label, 0.0), logits, others)
        if label in broad:
            heads[label] = summed([(1.0, broad[label]), (NARROW_HATE, head)])
        else:
            heads[label] = summed([(1.0, head), (HARM_OF.get(label, HARM), any_harm)])
    return heads


def _unmarked(grams: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return n-grams without the marks of length and numbers."""
    kept = np.ones(BUCKETS, np.float32)
    kept[MARKS.ravel()] = 0
    return (grams @ sparse.diags(kept)).tocsr()


def _broad(data: Data, training: Mask, label: str) -> Linear:
    truth = data.truths[label].copy()
    truth[(truth < 0) & data.ordinary] = 0
    chosen = training & ~data.narrow & ~data.own & (truth >= 0)
    weight = np.ones(chosen.sum())
    known = truth[chosen] == 1
    share = NGRAM_SHARE.get(label, 0.5)
    ngrams = on_ngrams(data.grams[chosen], known, weight, BROAD_STRENGTH)
    if share == 1:
        return ngrams
    return summed([(1 - share, on_vectors(data.vectors[chosen], known, weight, BROAD_STRENGTH)), (share, ngrams)])


def _narrow(data: Data, training: Mask, known: Truth, own: float, logits: Floats, others: Sequence[Linear]) -> Linear:
    """Fit the head of a narrow label; `own` is the weight of an own example."""
    truth = np.where(data.narrow | (data.own & (own > 0)), known, -1)
    ordinary = data.ordinary & (truth < 0) & (np.arange(len(truth)) % ORDINARY_EACH == 0)
    truth[ordinary] = 0
    chosen = training & (truth >= 0)
    weight = np.select([data.own, ordinary], [own, ORDINARY_WEIGHT], 1.0)[chosen]
    positive = truth[chosen] == 1
    vectors, grams, said = data.vectors[chosen], data.grams[chosen], logits[chosen]
    parts = (
        on_vectors(mean(vectors), positive, weight, MEAN_STRENGTH),
        on_others(mean(vectors), said, others, positive, weight, MEAN_STRENGTH, SHARE),
        on_others(vectors, said, others, positive, weight, BROAD_STRENGTH, SHARE),
        on_ngrams(grams, positive, weight, BROAD_STRENGTH),
    )
    return summed([(1 / len(parts), part) for part in parts])
