"""Truth and scores in, the figures of a detector out: areas, averages, agreement. Undefined is None, never 0.

Arrays: `truth` bool [n], `scores` float64 [n] in 0..1. Equal scores share one threshold, as everywhere in the field.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Truth = NDArray[np.bool_]
Scores = NDArray[np.float64]
Counts = NDArray[np.int64]


class Ranked(NamedTuple):
    """What each threshold gives, from the highest to the lowest score; a text at the threshold is found."""

    thresholds: Scores
    hits: Counts  # positives at or above the threshold
    alarms: Counts  # negatives at or above it
    positives: int
    negatives: int

    @property
    def precision(self) -> Scores:
        """Return the share of positives in what each threshold finds."""
        return self.hits / (self.hits + self.alarms)

    @property
    def recall(self) -> Scores:
        """Return the share of the positives that each threshold finds; there must be one."""
        return self.hits / self.positives


def ranked(truth: Truth, scores: Scores) -> Ranked:
    """Return hits and alarms at each threshold that occurs."""
    order = np.argsort(-scores, kind="stable")
    descending = scores[order]
    last = np.flatnonzero(np.append(np.diff(descending) != 0, True)) if len(scores) else np.zeros(0, np.int64)
    hits = np.cumsum(truth[order])[last].astype(np.int64)
    positives = int(truth.sum())
    return Ranked(descending[last], hits, last + 1 - hits, positives, len(truth) - positives)


def area(points: Ranked) -> float | None:
    """Return the area under the ROC curve; None without positives or without negatives."""
    if not points.positives or not points.negatives:
        return None
    rise = np.append(0, points.hits) / points.positives
    run = np.append(0, points.alarms) / points.negatives
    return float(np.trapezoid(rise, run))


def average_precision(points: Ranked) -> float | None:
    """Return precision averaged over recall, without interpolation; None without positives."""
    if not points.positives:
        return None
    return float(np.sum(np.diff(np.append(0, points.recall)) * points.precision))


class Point(NamedTuple):
    """One threshold."""

    threshold: float
    precision: float
    recall: float


def at_precision(points: Ranked, least: float) -> Point | None:
    """Return the lowest threshold whose precision is `least` or more; None where none has it."""
    if not points.positives:
        return None
    good = np.flatnonzero(points.precision >= least)
    return _point(points, int(good[-1])) if len(good) else None


def curve(points: Ranked, most: int) -> list[Point]:
    """Return at most `most` points of precision over recall, from the highest threshold on, spread over recall."""
    if not points.positives:
        return []
    steps = np.searchsorted(points.recall, np.linspace(0, 1, most)).clip(max=len(points.recall) - 1)
    return [_point(points, int(place)) for place in np.unique(steps)]


def _point(points: Ranked, place: int) -> Point:
    return Point(float(points.thresholds[place]), float(points.precision[place]), float(points.recall[place]))


class Agreement(NamedTuple):
    """How yes and no agree with the truth."""

    precision: float | None  # None where nothing was found
    recall: float | None  # None without positives
    f1: float | None
    macro_f1: float | None  # mean of the F1 of yes and of no; None unless both occur


def agreement(truth: Truth, found: Truth) -> Agreement:
    """Return how what was found agrees with the truth."""
    both, wrong, missed = int((truth & found).sum()), int((~truth & found).sum()), int((truth & ~found).sum())
    neither = len(truth) - both - wrong - missed
    yes = ratio(2 * both, 2 * both + wrong + missed)
    no = ratio(2 * neither, 2 * neither + wrong + missed)
    one_class = not truth.any() or truth.all()
    macro = None if one_class or yes is None or no is None else (yes + no) / 2
    return Agreement(ratio(both, both + wrong), ratio(both, both + missed), yes, macro)


def ratio(part: float, whole: float) -> float | None:
    """Return part / whole, None where there is nothing to divide by."""
    return part / whole if whole else None


def macro_f1(given: NDArray[Any], found: NDArray[Any]) -> float | None:
    """Return the mean F1 over the classes that occur in `given`; None for none."""
    scores = [agreement(given == each, found == each).f1 or 0.0 for each in np.unique(given)]
    return float(np.mean(scores)) if scores else None


class Bins(NamedTuple):
    """Texts by score, in bins of equal width from 0 to 1; the last one holds 1."""

    positives: list[int]
    negatives: list[int]
    mean: list[float | None]  # score


def binned(truth: Truth, scores: Scores, count: int) -> Bins:
    """Return how many texts of each class fall into each bin."""
    place = np.minimum((scores * count).astype(np.int64), count - 1)
    total = np.bincount(place, minlength=count)
    positives = np.bincount(place[truth], minlength=count)
    sums = np.bincount(place, weights=scores, minlength=count)
    mean = [ratio(float(score), int(texts)) for score, texts in zip(sums, total, strict=True)]
    return Bins(positives.tolist(), (total - positives).tolist(), mean)


def calibration_error(bins: Bins) -> float | None:
    """Return by how much mean score and share of positives differ, averaged over texts; None for no texts."""
    error, texts = 0.0, 0
    for positives, negatives, mean in zip(bins.positives, bins.negatives, bins.mean, strict=True):
        if mean is not None:
            error += abs(mean * (positives + negatives) - positives)
            texts += positives + negatives
    return ratio(error, texts)


def brier(truth: Truth, scores: Scores) -> float | None:
    """Return the mean square of score minus truth; None for no texts."""
    return float(np.mean((scores - truth) ** 2)) if len(truth) else None
