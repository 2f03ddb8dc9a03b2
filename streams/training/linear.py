"""Linear heads: features in, one logit each out. A head on other heads' logits is again a head on the features."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from streams.models.encoder import Vectors
from streams.models.features import WIDE
from streams.models.graph import WIDTH
from streams.models.ngrams import BUCKETS

Floats = NDArray[np.float64]
STEPS = 400  # of the optimiser; it ends before


class Linear(NamedTuple):
    """Weights of the encoder's vector [WIDE], of the n-grams [BUCKETS], and a bias."""

    vector: Floats
    ngram: Floats
    bias: float

    def logits(self, vectors: Vectors, grams: sparse.csr_matrix) -> Floats:
        """Return a logit for each row."""
        return np.asarray(vectors @ self.vector + grams @ self.ngram + self.bias)


def summed(parts: Sequence[tuple[float, Linear]]) -> Linear:
    """Return the head whose logits are the weighted sum of other heads' logits."""
    return Linear(
        sum((weight * part.vector for weight, part in parts), np.zeros(WIDE)),
        sum((weight * part.ngram for weight, part in parts), np.zeros(BUCKETS)),
        sum(weight * part.bias for weight, part in parts),
    )


def balanced(truth: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return the weights scaled so that both classes weigh the same, and all rows together their number."""
    scaled = weight.copy()
    for chosen in (truth, ~truth):
        scaled[chosen] *= len(truth) / 2 / max(weight[chosen].sum(), 1e-9)
    return scaled


def on_vectors(vectors: Vectors, truth: NDArray[np.bool_], weight: Floats, strength: float) -> Linear:
    """Fit a head on the vectors, or on their first part, the mean, when only that is given."""
    coefficients, bias = _fitted(vectors, truth, weight, strength, "lbfgs")
    return Linear(np.pad(coefficients, (0, WIDE - len(coefficients))), np.zeros(BUCKETS), bias)


def on_ngrams(grams: sparse.csr_matrix, truth: NDArray[np.bool_], weight: Floats, strength: float) -> Linear:
    """Fit a head on weighted n-grams."""
    occurring = np.unique(grams.indices)  # the others stay without weight; the solver would walk them all
    coefficients, bias = _fitted(grams[:, occurring], truth, weight, strength, "liblinear")
    weights = np.zeros(BUCKETS)
    weights[occurring] = coefficients
    return Linear(np.zeros(WIDE), weights, bias)


def on_others(
    vectors: Vectors,
    logits: Floats,
    others: Sequence[Linear],
    truth: NDArray[np.bool_],
    weight: Floats,
    strength: float,
    share: float,
) -> Linear:
    """Fit a head on the vectors (or their mean) and on the logits [n, len(others)] of other heads, times `share`."""
    both = np.hstack([vectors, (logits * share).astype(np.float32)])
    coefficients, bias = _fitted(both, truth, weight, strength, "lbfgs")
    width = vectors.shape[1]
    own = Linear(np.pad(coefficients[:width], (0, WIDE - width)), np.zeros(BUCKETS), bias)
    rest = [(share * float(c), other) for c, other in zip(coefficients[width:], others, strict=True)]
    return summed([(1.0, own), *rest])


def mean(vectors: Vectors) -> Vectors:
    """Return the part of the vectors that is the mean over the pieces of each text."""
    return vectors[:, :WIDTH]


def _fitted(
    features: object, truth: NDArray[np.bool_], weight: Floats, strength: float, how: str
) -> tuple[Floats, float]:
    model = LogisticRegression(C=strength, solver=how, max_iter=STEPS, random_state=0)
    model.fit(features, truth, sample_weight=balanced(truth, weight))
    return np.asarray(model.coef_[0], np.float64), float(model.intercept_[0])
