"""Words and their sketch are made of training texts, the same way every time."""

from random import Random

import numpy as np

from streams.models import sketch as sketches
from streams.models import words as worded
from streams.models.words import LARGEST, Meaning
from streams.training.recipe import TRAFFIC
from streams.training.wording import sketched, words
from tests.unit.training.given import WORDS, encode, talk

CHANCE = Random(3)
TEXTS = [talk(CHANCE) for _ in range(3_500)]


def test_words_that_several_texts_hold_are_known_and_common_ones_weigh_less() -> None:
    known = words([*["the apple"] * 9, *["the river"] * 3, "the winter", "the winter"], encode)

    assert known.words == ("apple", "river", "the")
    assert known.rarity[1] > known.rarity[0] > known.rarity[2] >= 1


def test_words_keep_how_near_they_are_to_each_other() -> None:
    known = words(TEXTS, encode)
    table = known.table.astype(float) + known.centre
    cosines = table @ table.T / np.outer(*[np.linalg.norm(table, axis=1)] * 2)
    vectors = encode(known.words)

    assert set(known.words) == set(WORDS)
    assert np.abs(cosines - vectors @ vectors.T).max() < 0.15
    assert np.abs(known.table).max() == LARGEST


def test_a_sketch_imitates_the_encoder() -> None:
    known = words(TEXTS, encode)
    features, vectors = Meaning(known)(TEXTS), encode(TEXTS)
    half = np.arange(len(TEXTS)) % 2 == 0
    made = sketched(features[half], vectors[half], np.full(half.sum(), 7), np.ones(half.sum(), bool))

    assert (made.vectors(features[~half]) * vectors[~half]).sum(axis=1).mean() > 0.8


def test_the_traffic_is_spread_over_the_rows_that_are_traffic() -> None:
    features = (np.arange(2 * 3 * TRAFFIC)[:, None] % 100 * np.ones((1, 512))).astype(np.float32)
    lengths = np.arange(len(features)) % 100
    made = sketched(features, encode(["apple"] * len(features)), lengths, np.arange(len(features)) % 2 == 0)

    assert len(made.traffic) == TRAFFIC
    assert set((made.traffic[:, 0] % 2).tolist()) == {0}
    assert np.array_equal(made.traffic[:, 0], made.lengths)


def test_the_same_texts_give_equal_files() -> None:
    first, again = words(TEXTS[:200], encode), words(TEXTS[:200], encode)
    features, every = Meaning(first)(TEXTS[:200]), np.ones(200, bool)
    sketch = [sketches.written(sketched(features, encode(TEXTS[:200]), every * 7, every)) for _ in range(2)]

    assert worded.written(first) == worded.written(again)
    assert sketch[0] == sketch[1]
