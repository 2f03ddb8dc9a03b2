"""Training: rows in, heads and their held-out probabilities out. The same rows give the same files on one machine."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streams.models.encoder import Encode
from streams.models.graph import WIDTH
from streams.models.heads import Floats, Heads
from streams.models.nearest import Group, Nearest
from streams.models.sketch import Gate, Sketch
from streams.models.words import WORDY, Meaning, Words
from streams.training.cheap import Cheap, imitated
from streams.training.features import features, weighted, weights
from streams.training.fitting import Data, Mask, arranged, fitted
from streams.training.linear import Linear
from streams.training.recipe import (
    ASKED,
    ASKED_NARROW,
    BROAD,
    BUDGET,
    BUDGETS,
    FOLDS,
    LABELS,
    MISSED,
    ORDINARY,
    WORDS_SHARE,
)
from streams.training.rows import Row
from streams.training.thresholds import Calibration, calibrated, doubt, thresholds, within
from streams.training.wording import sketched, words

SPREAD: Final = 2  # folds that a label's positives, and its negatives, must lie in
POSITIVES: Final = 3  # that a calibration needs
STEPS: Final = 127  # of a weight that is stored as int8

Tell = Callable[[str, int], None]  # what is being done, and how many steps of it are done now


class Few(ValueError):
    """There is too little to learn from."""


class Logits(NamedTuple):
    """Of n rows, float64 [n, L]: the full heads' and the cheap heads'."""

    full: Floats
    cheap: Floats


class Filter(NamedTuple):
    """A semantic filter, for which the gate's loss is told."""

    name: str
    label: str
    group: Group  # of prepared phrases
    threshold: float


class Passed(NamedTuple):
    """What the gate makes of the rows that a filter finds."""

    found: int
    lost: int


class Trained(NamedTuple):
    """What training leaves behind."""

    heads: Heads
    words: Words
    sketch: Sketch
    held_out: Floats  # probabilities [n, L] of the rows, as served, by heads that have not seen their groups
    full: Floats  # the same without the gate
    short: Mask  # [n], rows that a gate may keep from the encoder
    asked: Mask  # [n], rows that the text model asks the encoder about
    asked_by_filters: Mask  # the same of the filters
    filters: Mapping[str, Passed]


def trained(rows: Sequence[Row], encode: Encode, tell: Tell, filters: Sequence[Filter] = ()) -> Trained:
    """Return the heads of some rows, own examples included, and what they say of each row without having seen it.

    Raises Few when a label, or ordinary talk, has too few rows to be learnt from.
    """
    found = features([row.text for row in rows], encode, lambda done: tell("features", done))
    rarity = weights(found.ngrams)
    known = words(found.texts, encode)
    wordy = np.zeros((len(rows), WORDY), np.float32)
    wordy[found.short] = Meaning(known)([text for text, short in zip(found.texts, found.short, strict=True) if short])
    data = arranged(rows, found, weighted(found.ngrams, rarity), wordy)
    _enough(data)
    share = WORDS_SHARE / float(known.scale[0])
    held = Logits(np.zeros((len(rows), len(LABELS))), np.zeros((len(rows), len(LABELS))))
    near = np.zeros((len(rows), len(filters)), bool)
    for fold in range(FOLDS):
        inside = data.folds == fold
        full, cheap = _heads(data, ~inside, share)
        held.full[inside] = _said(full, data.vectors[inside], data.grams[inside]) + found.outright[inside]
        held.cheap[inside] = _cheaply(cheap, data, inside) + found.outright[inside]
        near[inside] = _near(data, known, _sketch(data, ~inside), filters, encode, inside)
        tell("fits", 1)
    everything = np.ones(len(rows), bool)
    full, cheap = _heads(data, everything, share)
    tell("fits", 1)
    heads = _assembled(data, held, full, cheap, rarity, known)
    whole = heads.probabilities(held.full)
    asked = heads.doubtful(held.cheap) | ~data.short
    unasked = heads.unasked(held.cheap)
    served = np.where(asked[:, None], whole, unasked)
    glanced = held.cheap - found.outright  # the filters do not look at signals
    worth = heads.doubtful(glanced) | ~data.short
    for place, each in enumerate(filters):
        near[:, place] |= heads.suspected(glanced, {each.label})
    return Trained(
        heads,
        known,
        _sketch(data, everything),
        served,
        whole,
        data.short,
        asked,
        near.any(axis=1) | ~data.short,
        {each.name: _passed(data, each, encode, near[:, place] | worth) for place, each in enumerate(filters)},
    )


def _sketch(data: Data, training: Mask) -> Sketch:
    chosen = training & data.single
    return sketched(data.words[chosen], data.vectors[chosen, :WIDTH], data.lengths[chosen], data.traffic[chosen])


def _near(
    data: Data, known: Words, sketch: Sketch, filters: Sequence[Filter], encode: Encode, rows: Mask
) -> NDArray[np.bool_]:
    """Say of some rows and each filter whether its gate passes them, [rows, filters]."""
    if not filters:
        return np.zeros((int(rows.sum()), 0), bool)
    gate = Gate([each.group.seeds for each in filters], encode, known, sketch)
    return gate.near(data.words[rows], data.lengths[rows])


def _passed(data: Data, one: Filter, encode: Encode, passed: Mask) -> Passed:
    """Return how many rows of one piece a filter finds, and how many of them the gate keeps from the encoder."""
    vectors = data.vectors[:, :WIDTH]
    found = data.single & (Nearest([one.group], encode)(vectors)[:, 0] >= np.float32(one.threshold))
    return Passed(int(found.sum()), int((found & ~passed).sum()))


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


def _heads(data: Data, training: Mask, share: float) -> tuple[list[Linear], list[Cheap]]:
    by_label: Mapping[str, Linear] = fitted(data, training)
    full = [by_label[label] for label in LABELS]
    chosen = training & data.short
    grams, wordy = data.grams[chosen], data.words[chosen]
    said = _said(full, data.vectors[chosen], grams)
    return full, [imitated(head, grams, wordy, said[:, place], share) for place, head in enumerate(full)]


def _said(heads: Sequence[Linear], vectors: NDArray[np.float32], grams: sparse.csr_matrix) -> Floats:
    return np.stack([head.logits(vectors, grams) for head in heads], axis=1)


def _cheaply(heads: Sequence[Cheap], data: Data, rows: Mask) -> Floats:
    return np.stack([head.logits(data.grams[rows], data.words[rows]) for head in heads], axis=1)


def _assembled(
    data: Data,
    held: Logits,
    full: Sequence[Linear],
    cheap: Sequence[Cheap],
    rarity: NDArray[np.float32],
    known: Words,
) -> Heads:
    """Return the heads with what held-out rows say about their thresholds."""
    fits = [
        _fit(data, label, held.full[:, place], held.cheap[:, place], encoded=bool(full[place].vector.any()))
        for place, label in enumerate(LABELS)
    ]
    table, steps = _quantised(np.stack([head.ngram for head in full], axis=1))
    cheap_table, cheap_steps = _quantised(np.stack([head.ngram for head in cheap], axis=1))
    cheap_words, cheap_words_steps = _quantised(np.stack([head.words for head in cheap], axis=1))
    return Heads(
        labels=LABELS,
        version=_version(full, fits),
        vector=np.stack([head.vector for head in full], axis=1),
        bias=np.array([head.bias for head in full]),
        table=table,
        steps=steps,
        rarity=rarity.astype(np.float16).astype(np.float32),
        cheap_table=cheap_table,
        cheap_steps=cheap_steps,
        cheap_words=cheap_words,
        cheap_words_steps=cheap_words_steps,
        words=known.version(),
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


def _fit(data: Data, label: str, full: Floats, cheap: Floats, *, encoded: bool) -> Fit:
    known = (data.truths[label] >= 0) & ~data.own
    truth = data.truths[label] == 1
    scale = calibrated(full[known], truth[known], full[data.ordinary])
    probabilities = scale.probabilities(full)
    budget = BUDGETS.get(label, BUDGET)
    found, firm = thresholds(probabilities[known], truth[known], probabilities[data.ordinary], budget)
    if not encoded:
        crossing = scale.logit(found)
        return Fit(scale, scale, found, firm, crossing, crossing)
    ordinary = data.ordinary & data.short
    share = ASKED if label in BROAD else ASKED_NARROW
    asked = max(doubt(cheap, truth & (probabilities >= found) & data.short, MISSED), within(cheap[ordinary], share))
    # What a cheap logit means matters where the encoder is not asked: learnt there, if positives are enough.
    unasked = data.short & (cheap < asked)
    told = unasked if (known & truth & unasked).sum() >= POSITIVES else data.short
    known &= told
    return Fit(scale, calibrated(cheap[known], truth[known], cheap[ordinary & told]), found, firm, asked, float("inf"))


def _quantised(weight: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights [rows, k] as int8 with one step for each column."""
    steps = np.maximum(np.abs(weight).max(axis=0) / STEPS, 1e-12)
    return np.rint(weight / steps).astype(np.int8), steps.astype(np.float32)


def _version(full: Sequence[Linear], fits: Sequence[Fit]) -> str:
    """Return 12 hexadecimal digits that change with what the heads answer."""
    digest = hashlib.sha256()
    for head in full:
        digest.update(np.round(head.vector, 4).tobytes() + np.round(head.ngram, 4).tobytes())
    digest.update(msgspec.json.encode(fits))
    return digest.hexdigest()[:12]
