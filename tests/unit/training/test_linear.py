"""A head on other heads is again a head on the features."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from streams.models.ngrams import BUCKETS
from streams.training.linear import Linear, balanced, mean, on_ngrams, on_others, on_vectors, summed

ROWS = 120
CHANCE = np.random.default_rng(3)
VECTORS: NDArray[np.float32] = (CHANCE.normal(size=(ROWS, 768)) / 28).astype(np.float32)
COLUMNS = CHANCE.choice(BUCKETS, 50, replace=False)
GRAMS = sparse.csr_matrix(
    (
        CHANCE.uniform(0.1, 0.5, ROWS * 5).astype(np.float32),
        (np.repeat(np.arange(ROWS), 5), CHANCE.choice(COLUMNS, ROWS * 5)),
    ),
    shape=(ROWS, BUCKETS),
)
TRUTH: NDArray[np.bool_] = CHANCE.random(ROWS) < 0.3
WEIGHT = CHANCE.uniform(0.5, 2, ROWS)


def some(seed: int) -> Linear:
    """Return a head by chance."""
    chance = np.random.default_rng(seed)
    return Linear(chance.normal(size=768), chance.normal(size=BUCKETS), float(chance.normal()))


def test_a_sum_of_heads_says_the_sum_of_what_they_say() -> None:
    parts = [(0.5, some(1)), (-2.0, some(2)), (0.3, some(3))]
    expected = sum(weight * part.logits(VECTORS, GRAMS) for weight, part in parts)

    assert summed(parts).logits(VECTORS, GRAMS) == pytest.approx(expected)


def test_a_sum_of_nothing_says_nothing() -> None:
    assert not summed([]).logits(VECTORS, GRAMS).any()


@pytest.mark.parametrize("width", [384, 768])
def test_a_head_on_other_heads_says_what_the_two_steps_would(width: int) -> None:
    others = [some(4), some(5)]
    said = np.stack([other.logits(VECTORS, GRAMS) for other in others], axis=1)
    given = VECTORS[:, :width]
    head = on_others(given, said, others, TRUTH, WEIGHT, 2.0, 0.3)
    stacked = np.hstack([given, (said * 0.3).astype(np.float32)])
    model = LogisticRegression(C=2.0, max_iter=400).fit(stacked, TRUTH, sample_weight=balanced(TRUTH, WEIGHT))

    assert head.logits(VECTORS, GRAMS) == pytest.approx(model.decision_function(stacked), abs=1e-4)
    assert np.abs(model.coef_[0, width:]).max() > 0.01


def test_a_head_on_the_mean_looks_at_nothing_else() -> None:
    head = on_vectors(mean(VECTORS), TRUTH, WEIGHT, 2.0)

    assert mean(VECTORS).shape == (ROWS, 384)
    assert head.vector.shape == (768,)
    assert head.vector[:384].any()
    assert not head.vector[384:].any()
    assert not head.ngram.any()


def test_a_head_on_n_grams_looks_at_those_that_occur() -> None:
    head = on_ngrams(GRAMS, TRUTH, WEIGHT, 4.0)

    assert not head.vector.any()
    assert set(np.flatnonzero(head.ngram)) <= set(COLUMNS.tolist())
    assert head.logits(VECTORS, GRAMS)[TRUTH].mean() > head.logits(VECTORS, GRAMS)[~TRUTH].mean() + 1


def test_both_classes_weigh_the_same_and_all_rows_their_number() -> None:
    weight = balanced(TRUTH, WEIGHT)

    assert weight[TRUTH].sum() == pytest.approx(ROWS / 2)
    assert weight[~TRUTH].sum() == pytest.approx(ROWS / 2)
    assert weight[TRUTH] / WEIGHT[TRUTH] == pytest.approx(np.full(TRUTH.sum(), weight[TRUTH][0] / WEIGHT[TRUTH][0]))


def test_the_same_rows_make_the_same_head() -> None:
    first, again = (on_ngrams(GRAMS, TRUTH, WEIGHT, 4.0) for _ in range(2))

    assert np.array_equal(first.ngram, again.ngram)
    assert first.bias == again.bias
