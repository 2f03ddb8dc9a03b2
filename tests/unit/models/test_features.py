"""Features of a text: the mean and the largest of each direction over its pieces."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from streams.models.cosine import STEP, stepped
from streams.models.features import WIDE, wide
from streams.models.reading import Encoded


def some(count: int) -> NDArray[np.float32]:
    """Return vectors of length 1."""
    drawn = np.random.default_rng(count).normal(size=(count, 384))
    vectors: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def test_mean_and_largest_stand_side_by_side() -> None:
    vectors = some(7)
    found = wide(Encoded(vectors, np.array([0, 1, 5, 7])))

    assert found.shape == (3, WIDE) == (3, 768)
    for row, (start, end) in zip(found, [(0, 1), (1, 5), (5, 7)], strict=True):
        assert row[:384] == pytest.approx(vectors[start:end].mean(axis=0), abs=float(STEP))
        assert row[384:] == pytest.approx(vectors[start:end].max(axis=0), abs=float(STEP))


def test_a_text_of_one_piece_has_it_twice() -> None:
    vectors = some(1)
    (row,) = wide(Encoded(vectors, np.array([0, 1])))

    assert np.array_equal(row, np.tile(stepped(vectors)[0], 2))


def test_a_text_has_the_same_features_in_any_company() -> None:
    vectors = some(30)
    starts = np.array([0, 12, 13, 20, 30])
    together = wide(Encoded(vectors, starts))
    apart = [wide(Encoded(vectors[start:end], np.array([0, end - start])))[0] for start, end in pairwise(starts)]

    assert np.array_equal(together, np.stack(apart))


def test_no_texts_have_no_features() -> None:
    assert wide(Encoded(np.zeros((0, 384), np.float32), np.array([0]))).shape == (0, WIDE)
