"""Training: rows in, heads and their held-out probabilities out. The same rows give the same files on one machine."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streams.models.encoder import Encode
from streams.models.heads import Floats, Heads
from streams.models.ngrams import BUCKETS
from streams.training.features import features, weighted, weights
from streams.training.fitting import Data, arranged, fitted
from streams.training.linear import Linear, imitated
from streams.training.recipe import ASKED, BUDGET, BUDGETS, FOLDS, LABELS, MISSED, ORDINARY, PURITY
from streams.training.rows import Row
from streams.training.thresholds import Calibration, calibrated, certain, doubt, thresholds, within

SPREAD: Final = 2  # folds that a label's positives, and its negatives, must lie in
STEPS: Final = 127  # of a weight that is stored as int8

Tell = Callable[[str, int], None]  # what is being done, and how many steps of it are done now


class Few(ValueError):
    """There is too little to learn from."""


class Logits(NamedTuple):
    """Of n rows, float64 [n, L]: the full heads' and the cheap heads'."""

    full: Floats
    cheap: Floats


class Trained(NamedTuple):
    """What training leaves behind."""

    heads: Heads
    held_out: Floats  # probabilities [n, L] of the rows, as served, by heads that have not seen their groups
    full: Floats  # the same without the gate


def trained(rows: Sequence[Row], encode: Encode, tell: Tell) -> Trained:
    """Return the heads of some rows, own examples included, and what they say of each row without having seen it.

    Raises Few when a label, or ordinary talk, has too few rows to be learnt from.
    """
    found = features([row.text for row in rows], encode, lambda done: tell("features", done))
    rarity = weights(found.ngrams)
    data = arranged(rows, found.vectors, weighted(found.ngrams, rarity), found.short)
    _enough(data)
    held = Logits(np.zeros((len(rows), len(LABELS))), np.zeros((len(rows), len(LABELS))))
    for fold in range(FOLDS):
        inside = data.folds == fold
        full, cheap = _heads(data, ~inside)
        for logits, fold_heads in zip(held, (full, cheap), strict=True):
            logits[inside] = _said(fold_heads, data.vectors[inside], data.grams[inside])
        tell("fits", 1)
    full, cheap = _heads(data, np.ones(len(rows), bool))
    tell("fits", 1)
    heads = _assembled(data, held, full, cheap, rarity)
    whole = heads.probabilities(held.full)
    asked = heads.doubtful(held.cheap) | ~data.short
    served = np.where(asked[:, None], whole, heads.unasked(held.cheap))
    return Trained(heads, served, whole)


def _enough(data: Data) -> None:
    """Raise Few unless every label has rows of both kinds outside every fold."""
    few = [
        label
        for label in LABELS
        if label not in data.truths
        or any(len(set(data.folds[(data.truths[label] == kind) & ~data.own])) < SPREAD for kind in (0, 1))
    ]
    if few:
        raise Few(f"too few rows of {', '.join(few)}: positives and negatives of each must lie in several groups")
    if not data.ordinary.any():
        raise Few(f"no ordinary talk: rows of {', '.join(sorted(ORDINARY))} with no positive label")


def _heads(data: Data, training: NDArray[np.bool_]) -> tuple[list[Linear], list[Linear]]:
    by_label: Mapping[str, Linear] = fitted(data, training)
    full = [by_label[label] for label in LABELS]
    grams = data.grams[training]
    said = _said(full, data.vectors[training], grams)
    cheap = [imitated(grams, said[:, place]) if head.vector.any() else head for place, head in enumerate(full)]
    return full, cheap


def _said(heads: Sequence[Linear], vectors: NDArray[np.float32], grams: sparse.csr_matrix) -> Floats:
    return np.stack([head.logits(vectors, grams) for head in heads], axis=1)


def _assembled(
    data: Data, held: Logits, full: Sequence[Linear], cheap: Sequence[Linear], rarity: NDArray[np.float32]
) -> Heads:
    """Return the heads with what held-out rows say about their thresholds."""
    fits = [_fit(data, label, held.full[:, place], held.cheap[:, place]) for place, label in enumerate(LABELS)]
    table, steps = _quantised(np.stack([head.ngram for head in (*full, *cheap)], axis=1))
    return Heads(
        labels=LABELS,
        version=_version(full, fits),
        vector=np.stack([head.vector for head in full], axis=1),
        bias=np.array([head.bias for head in full]),
        table=table,
        steps=steps,
        rarity=rarity.astype(np.float16).astype(np.float32),
        cheap_bias=np.array([head.bias for head in cheap]),
        scale=np.array([fit.scale for fit in fits]),
        cheap_scale=np.array([fit.cheap_scale for fit in fits]),
        found=np.array([fit.found for fit in fits]),
        firm=np.array([fit.firm for fit in fits]),
        doubt=np.array([fit.doubt for fit in fits]),
        certain=np.array([fit.certain for fit in fits]),
    )


class Fit(NamedTuple):
    """What held-out rows say about one label; fields as in Heads."""

    scale: Calibration
    cheap_scale: Calibration
    found: float
    firm: float
    doubt: float
    certain: float


def _fit(data: Data, label: str, full: Floats, cheap: Floats) -> Fit:
    known = (data.truths[label] >= 0) & ~data.own
    truth = data.truths[label][known] == 1
    scale = calibrated(full[known], truth, full[data.ordinary])
    probabilities = scale.probabilities(full)
    budget = BUDGETS.get(label, BUDGET)
    found, firm = thresholds(probabilities[known], truth, probabilities[data.ordinary], budget)
    if (full == cheap).all():  # the encoder has no say
        crossing = scale.logit(found)
        return Fit(scale, scale, found, firm, crossing, crossing)
    positive = (data.truths[label] == 1) & (probabilities >= found) & data.short
    return Fit(
        scale,
        calibrated(cheap[known], truth, cheap[data.ordinary]),
        found,
        firm,
        max(doubt(cheap, positive, MISSED), within(cheap[data.ordinary & data.short], ASKED)),
        certain(cheap, probabilities >= found, PURITY),
    )


def _quantised(weight: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return n-gram weights [BUCKETS, k] as int8 with one step for each column."""
    if weight.shape[0] != BUCKETS:
        raise ValueError(f"weights of {weight.shape[0]} buckets, not {BUCKETS}")
    steps = np.maximum(np.abs(weight).max(axis=0) / STEPS, 1e-12)
    return np.rint(weight / steps).astype(np.int8), steps.astype(np.float32)


def _version(full: Sequence[Linear], fits: Sequence[Fit]) -> str:
    """Return 12 hexadecimal digits that change with what the heads answer."""
    digest = hashlib.sha256()
    for head in full:
        digest.update(np.round(head.vector, 4).tobytes() + np.round(head.ngram, 4).tobytes())
    digest.update(msgspec.json.encode(fits))
    return digest.hexdigest()[:12]
