"""Words: features of a text are whole numbers, made of its words alone."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from streams.models.arrays import Wrong
from streams.models.words import LARGEST, NARROW, WORDY, Meaning, Words, read, shipped, written

CHANCE = np.random.default_rng(1)
WORDS = Words(
    words=("ant", "bee", "cat", "the"),
    table=CHANCE.integers(-LARGEST, LARGEST + 1, (4, NARROW)).astype(np.int8),
    rarity=np.array([40, 30, 20, 1], np.uint8),
    axes=np.eye(384, NARROW, dtype=np.float32),
    scale=np.array([100], np.float32),
    centre=np.full(NARROW, 2, np.float32),
)


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return for each text a vector along the axis of its length."""
    return np.eye(384, dtype=np.float32)[[len(text) for text in texts]]


def test_a_text_is_the_mean_of_its_words_and_their_mean_by_rarity() -> None:
    (features,) = Meaning(WORDS)(["the bee the"])
    the, bee = WORDS.table[3].astype(float), WORDS.table[1].astype(float)

    assert features.shape == (WORDY,)
    assert np.array_equal(features[:NARROW], np.rint((2 * the + bee) / 3))
    assert np.array_equal(features[NARROW:], np.rint(((2 * the + 30 * bee) / 32).astype(np.float32)))


def test_a_text_without_known_words_has_no_features() -> None:
    features = Meaning(WORDS)(["", "dog owl", "ant"])

    assert not features[:2].any()
    assert np.array_equal(features[2, :NARROW], WORDS.table[0])
    assert Meaning(WORDS)([]).shape == (0, WORDY)


def test_features_are_the_same_alone_and_in_any_batch() -> None:
    texts = [" ".join(CHANCE.choice(["ant", "bee", "cat", "the", "dog"], number % 60)) for number in range(80)]
    meaning = Meaning(WORDS)
    together = meaning(texts)

    assert np.array_equal(together, np.rint(together))
    assert np.abs(together).max() <= LARGEST
    assert np.array_equal(together, np.concatenate([meaning([text]) for text in texts]))
    assert np.array_equal(together[::-1], meaning(texts[::-1]))


def test_words_that_are_not_known_can_be_added_as_the_encoder_reads_them() -> None:
    more = WORDS.with_others(["the horse", "bee horse owl"], encode)
    (horse,) = Meaning(more)(["horse"])

    assert more.words == ("ant", "bee", "cat", "the", "horse", "owl")
    assert more.rarity.tolist() == [40, 30, 20, 1, 40, 40]
    assert horse[5] == 98  # 100 along the axis of five letters, less the centre
    assert set(horse[:5].tolist()) == {-2.0}
    assert WORDS.with_others(["the bee"], encode) is WORDS
    assert more.version() != WORDS.version()


def test_words_are_read_as_they_were_written() -> None:
    again = read(written(WORDS))

    assert again.words == WORDS.words
    assert again.version() == WORDS.version()
    for name in ("table", "rarity", "axes", "scale", "centre"):
        assert np.array_equal(getattr(again, name), getattr(WORDS, name)), name
        assert getattr(again, name).dtype == getattr(WORDS, name).dtype


@pytest.mark.parametrize("name", ["table", "rarity", "axes", "scale", "centre"])
def test_arrays_of_another_shape_belong_to_other_words(name: str) -> None:
    cut = msgspec.structs.replace(WORDS, **{name: getattr(WORDS, name)[:0]})

    with pytest.raises(Wrong, match="of another encoder: train them again"):
        read(written(cut))


def test_the_shipped_words_are_thousands_of_lower_case_ones() -> None:
    words = shipped()

    assert len(words.words) == len(set(words.words)) > 5_000
    assert {"the", "you", "free", "kill", "don't"} <= set(words.words)
    assert all(word == word.lower() for word in words.words)
    assert words.rarity[words.words.index("the")] < words.rarity[words.words.index("killed")]
