"""What heads are fitted on is what they are served."""

import numpy as np
import pytest

from streams.models.features import wide
from streams.models.ngrams import BUCKETS, ngrams, spaced
from streams.models.reading import read, vectors
from streams.training.features import CHUNK, RARE, features, weighted, weights
from tests.unit.training.given import encode

TEXTS = [
    "the cat sleeps",
    "The  CAT sleeps!",
    "",
    "a dog and a cat",
    "we walked for hours. " * 12,
    "we walked for hours. " * 30,
]


def test_texts_have_the_vectors_and_n_grams_that_they_are_served_with() -> None:
    found = features(TEXTS, encode, lambda _: None)
    readings = [read(text) for text in TEXTS]

    assert np.array_equal(found.vectors, wide(vectors(readings, encode)))
    assert found.ngrams.shape == (6, BUCKETS)
    for row, reading in zip(found.ngrams, readings, strict=True):
        assert row.indices.tolist() == ngrams([spaced(reading.prepared)]).buckets.tolist()
        assert set(row.data) <= {1.0}
    assert found.texts == tuple(spaced(reading.prepared) for reading in readings)
    assert found.single.tolist() == [True, True, True, True, False, False]
    assert found.short.tolist() == [True, True, True, True, True, False]


def test_how_many_texts_are_done_is_told() -> None:
    told: list[int] = []
    found = features(["one text"] * (CHUNK + 3), encode, told.append)

    assert told == [CHUNK, 3]
    assert np.array_equal(found.vectors[0], found.vectors[-1])


def test_what_few_texts_hold_weighs_nothing_and_what_is_rare_weighs_more() -> None:
    grams = features(["cat"] * RARE + ["dog"] * (RARE - 1) + ["cow"] * 20, encode, lambda _: None).ngrams
    weight = weights(grams)
    cat, dog, cow = (set(ngrams([word]).buckets.tolist()) for word in ("cat", "dog", "cow"))

    assert weight.dtype == np.float32
    assert all(weight[bucket] == 0 for bucket in dog - cat - cow)
    assert min(weight[bucket] for bucket in cat - cow) > max(weight[bucket] for bucket in cow - cat) > 0
    assert np.count_nonzero(weight) == len(cat | cow)


def test_a_text_s_n_grams_have_length_one_or_none() -> None:
    grams = features(["cat"] * 3 + ["cat and dog", "unheard 12 until tomorrow", ""], encode, lambda _: None).ngrams
    rows = weighted(grams, weights(grams))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())

    assert rows.dtype == np.float32
    assert lengths == pytest.approx([1, 1, 1, 1, 0, 0], abs=1e-6)
