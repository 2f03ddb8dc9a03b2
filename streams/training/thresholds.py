"""From logits to decisions: held-out logits and what is known of the rows in, calibration and thresholds out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from streams.models.heads import Floats
from streams.training.recipe import Budget

Mask = NDArray[np.bool_]

NEXT = 1e-4  # what is just above
CERTAIN = 1e6  # C of the calibration: no shrinking


class Calibration(NamedTuple):
    """Probability = 1 / (1 + exp(-(slope x logit + shift)))."""

    slope: float
    shift: float

    def probabilities(self, logits: Floats) -> Floats:
        """Return probabilities."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * logits + self.shift))))

    def logit(self, probability: float) -> float:
        """Return the logit of a probability."""
        return float((np.log(probability / (1 - probability)) - self.shift) / self.slope)


def calibrated(logits: Floats, truth: Mask, ordinary: Floats) -> Calibration:
    """Fit probabilities to rows whose truth is known, and to ordinary talk, as many of it as of those (Platt, 1999)."""
    weight = np.concatenate((np.ones(len(logits)), np.full(len(ordinary), len(logits) / max(len(ordinary), 1))))
    model = LogisticRegression(C=CERTAIN).fit(
        np.concatenate((logits, ordinary))[:, None],
        np.concatenate((truth, np.zeros(len(ordinary), bool))),
        sample_weight=weight,
    )
    return Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))


def best(probabilities: Floats, truth: Mask) -> float:
    """Return the probability from which what is found has the best F1."""
    order = np.argsort(-probabilities, kind="stable")
    ends = _ends(probabilities[order])
    hits = np.cumsum(truth[order])[ends]
    f1 = 2 * hits / (ends + 1 + truth.sum())
    return float(probabilities[order[ends[int(np.argmax(f1))]]])


def within(ordinary: Floats, share: float) -> float:
    """Return the smallest value that no more than a share of ordinary talk reaches."""
    return float(np.quantile(ordinary, 1 - share, method="higher")) + NEXT


def thresholds(probabilities: Floats, truth: Mask, ordinary: Floats, budget: Budget) -> tuple[float, float]:
    """Return the probabilities from which a label is found, and from which it is more than a low suspicion."""
    found = max(best(probabilities, truth), within(ordinary, budget.found))
    return round(found, 4), min(round(max(found, within(ordinary, budget.firm)), 4), 1 - NEXT)


def doubt(cheap: Floats, found: Mask, missed: float) -> float:
    """Return the cheap logit that all but a share of the texts reach in which the full head finds the label."""
    return float(np.quantile(cheap[found], missed)) if found.any() else float("-inf")


def _ends(ordered: Floats) -> NDArray[np.int64]:
    """Return the last place of each run of equal values: what has one value is found together."""
    return np.flatnonzero(np.concatenate((ordered[1:] != ordered[:-1], [True])))
