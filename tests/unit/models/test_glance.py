"""Glances: what n-grams and words tell, once for all engines."""

import msgspec
import numpy as np
import pytest

from streams.models import heads, words
from streams.models.glance import Glance, Unfit, shared_glance
from streams.models.ngrams import spaced
from streams.models.reading import readings
from streams.models.words import WORDY, Meaning

LINES = ["You have won a FREE prize, call now!", "see you at seven", "", "see you at seven", "i will kill you"]


def test_a_glance_is_what_the_cheap_heads_and_the_words_say() -> None:
    read = readings(LINES)
    texts = [spaced(one.prepared) for one in read]
    seen = Glance(heads.shipped(), words.shipped())(read)
    features = Meaning(words.shipped())(texts)

    assert np.array_equal(seen.words, features)
    assert np.array_equal(seen.cheap, heads.shipped().cheap(texts, features))
    assert seen.cheap.shape == (5, len(heads.shipped().labels))
    assert seen.lengths.tolist() == [8, 4, 0, 4, 4]


def test_a_glance_is_the_same_the_second_time_and_in_another_batch() -> None:
    look = Glance(heads.shipped(), words.shipped())
    first = look(readings(LINES))
    again = look(readings(LINES[::-1]))

    assert np.array_equal(first.cheap[::-1], again.cheap)
    assert np.array_equal(first.words[::-1], again.words)


def test_nothing_is_seen_of_nothing() -> None:
    seen = shared_glance()([])

    assert seen.cheap.shape == (0, len(heads.shipped().labels))
    assert seen.words.shape == (0, WORDY)
    assert seen.lengths.shape == (0,)


def test_heads_that_were_trained_with_other_words_are_refused() -> None:
    others = msgspec.structs.replace(words.shipped(), table=-words.shipped().table)

    with pytest.raises(Unfit, match="trained with other words: train both again"):
        Glance(heads.shipped(), others)
