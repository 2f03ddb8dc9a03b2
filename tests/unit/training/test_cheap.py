"""A cheap head says what a full one says, as far as n-grams and words can tell."""

import numpy as np
from scipy import sparse

from streams.models.words import WORDY
from streams.training.cheap import imitated
from streams.training.linear import Linear

ROWS, BUCKETS = 300, 2_000
CHANCE = np.random.default_rng(4)
GRAMS = sparse.random(ROWS, BUCKETS, 0.01, "csr", np.float32, random_state=CHANCE)
WORDS = CHANCE.integers(-127, 128, (ROWS, WORDY)).astype(np.float32)
SHARE = 0.01


def head(*, encoder: bool) -> Linear:
    """Return a head by chance; only one that looks at the encoder needs to be imitated."""
    return Linear(np.full(768, float(encoder)), CHANCE.normal(size=BUCKETS), 0.5)


def test_what_both_n_grams_and_words_tell_is_learnt() -> None:
    said = GRAMS @ CHANCE.normal(size=BUCKETS) + WORDS @ (CHANCE.normal(size=WORDY) * 1e-3) + 3
    pupil = imitated(head(encoder=True), GRAMS, WORDS, said, SHARE)
    told = pupil.logits(GRAMS, WORDS)

    assert np.corrcoef(told, said)[0, 1] > 0.95
    assert np.corrcoef(GRAMS @ pupil.ngram, said)[0, 1] < 0.95
    assert abs(told.mean() - said.mean()) < 1e-6


def test_it_is_the_ridge_regression_on_both() -> None:
    said = CHANCE.normal(size=ROWS)
    pupil = imitated(head(encoder=True), GRAMS, WORDS, said, SHARE)
    both = np.hstack([GRAMS.toarray(), WORDS * SHARE])
    both -= both.mean(axis=0)
    exact = both.T @ np.linalg.solve(both @ both.T + np.eye(ROWS), said - said.mean())

    assert np.allclose(np.concatenate([pupil.ngram, pupil.words / SHARE]), exact, atol=0.02)


def test_a_head_that_needs_no_encoder_is_its_own_cheap_head() -> None:
    full = head(encoder=False)
    pupil = imitated(full, GRAMS, WORDS, CHANCE.normal(size=ROWS), SHARE)

    assert np.array_equal(pupil.ngram, full.ngram)
    assert not pupil.words.any()
    assert pupil.bias == full.bias
