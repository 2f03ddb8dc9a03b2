"""Cheap heads: what a full head says of texts in, a head out that says much the same from n-grams and words alone."""

from typing import Final, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, lsqr

from streams.models.encoder import Vectors
from streams.models.words import WORDY
from streams.training.linear import Floats, Linear
from streams.training.recipe import CHEAP_SMOOTH

STEPS: Final = 40  # of the solver: more change what the gate lets pass by less than a thousandth
NEAR: Final = 1e-4  # tolerance of the solver


class Cheap(NamedTuple):
    """Weights of the n-grams [BUCKETS] and of the words' features [WORDY], and a bias."""

    ngram: Floats
    words: Floats
    bias: float

    def logits(self, grams: sparse.csr_matrix, words: Vectors) -> Floats:
        """Return a logit for each row."""
        return np.asarray(grams @ self.ngram + words @ self.words + self.bias)


def imitated(head: Linear, grams: sparse.csr_matrix, words: Vectors, logits: Floats, share: float) -> Cheap:
    """Fit a head that says what another one says of these rows; one that needs no encoder stays as it is.

    A ridge regression on the weighted n-grams and on the features of words times `share`.
    """
    if not head.vector.any():
        return Cheap(head.ngram, np.zeros(WORDY), head.bias)
    scaled = words * np.float32(share)
    centre = np.concatenate([np.asarray(grams.mean(axis=0)).ravel(), scaled.mean(axis=0, dtype=np.float64)])
    width = grams.shape[1]

    def forward(weights: Floats) -> Floats:
        weights = weights.ravel()
        single = weights.astype(np.float32)  # the features are: mixed, they would be copied at each step
        return np.asarray(grams @ single[:width] + scaled @ single[width:] - centre @ weights)

    def backward(rows: Floats) -> Floats:
        rows = rows.ravel()
        single = rows.astype(np.float32)
        return np.asarray(np.concatenate([grams.T @ single, scaled.T @ single]) - centre * rows.sum())

    both = LinearOperator((grams.shape[0], width + WORDY), matvec=forward, rmatvec=backward, dtype=np.float64)
    mean = float(logits.mean())
    weights = lsqr(both, logits - mean, damp=CHEAP_SMOOTH**0.5, atol=NEAR, btol=NEAR, iter_lim=STEPS)[0]
    return Cheap(weights[:width], weights[width:] * share, mean - float(centre @ weights))
