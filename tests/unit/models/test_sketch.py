"""Sketches: roughly what the encoder would say; a group of phrases asks for its share of everyday traffic."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from streams.models import words
from streams.models.arrays import Wrong
from streams.models.encoder import shared_encoder
from streams.models.ngrams import spaced
from streams.models.prepared import prepared
from streams.models.sketch import ASKED, Gate, Sketch, read, shipped, written
from streams.models.words import WORDY, Meaning

CHANCE = np.random.default_rng(2)
SKETCH = Sketch(
    map=CHANCE.integers(-127, 128, (WORDY, 384)).astype(np.int8),
    steps=CHANCE.uniform(0.1, 1, 384).astype(np.float32),
    bias=CHANCE.normal(size=384).astype(np.float32),
    traffic=CHANCE.integers(-60, 61, (1_000, WORDY)).astype(np.int8),
    lengths=CHANCE.integers(1, 40, 1_000).astype(np.uint16),
)
SALES = ["buy now", "order today before the offer ends", "hurry while stocks last"]


def features(texts: Sequence[str]) -> NDArray[np.float32]:
    return Meaning(words.shipped())([spaced(prepared(text)) for text in texts])


def near(gate: Gate, texts: Sequence[str]) -> list[list[bool]]:
    found: list[list[bool]] = gate.near(features(texts), np.array([len(text.split()) for text in texts])).tolist()
    return found


@pytest.fixture(scope="module")
def gate() -> Gate:
    """Return the gate of two groups."""
    return Gate([SALES, ["I sell weed and pills"]], shared_encoder(), words.shipped(), shipped())


def test_a_sketch_has_length_one_and_the_same_bits_in_any_batch() -> None:
    given = CHANCE.integers(-127, 128, (50, WORDY)).astype(np.float32)
    together = SKETCH.vectors(given)

    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert np.array_equal(together, np.concatenate([SKETCH.vectors(row[None]) for row in given]))
    assert np.array_equal(together[::-1], SKETCH.vectors(given[::-1]))


def test_a_sketch_is_nearer_to_its_text_than_to_others() -> None:
    texts = [
        "shall we have lunch together tomorrow?",
        "the train to the city was late again this morning",
        "he scored two goals in the second half of the match",
        "my sister bought a new phone and likes the camera",
    ]
    near = shipped().vectors(features(texts)) @ shared_encoder()(texts).T

    assert near.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert near.diagonal().min() > 0.5


def test_each_group_asks_for_its_share_of_everyday_traffic_of_each_length(gate: Gate) -> None:
    sketch = shipped()
    asked = gate.near(sketch.traffic.astype(np.float32), sketch.lengths)
    least = 1
    for most, share in ASKED:
        chosen = (sketch.lengths >= least) & (sketch.lengths <= most)
        assert chosen.sum() > 500
        assert (asked[chosen].mean(axis=0) <= share).all()
        assert asked[chosen].any()
        least = most + 1


def test_what_is_worded_like_a_phrase_passes_the_gate_of_its_group(gate: Gate) -> None:
    assert near(gate, ["hurry, order today", "Buy it now!"])[0][0]
    assert near(gate, ["selling weed and some pills"])[0][1]
    assert near(gate, ["see you at home tonight", "my sister was late again"]) == [[False, False]] * 2


def test_a_phrase_of_words_that_no_training_text_held_has_a_sketch_of_its_own() -> None:
    strange = Gate([["blorptangle zirvonq"], SALES], shared_encoder(), words.shipped(), shipped())

    assert not {"blorptangle", "zirvonq"} & set(words.shipped().words)
    assert near(strange, ["see you at home tonight"]) == [[False, False]]


def test_a_sketch_is_read_as_it_was_written() -> None:
    again = read(written(SKETCH))

    for name in SKETCH.__struct_fields__:
        assert np.array_equal(getattr(again, name), getattr(SKETCH, name)), name
        assert getattr(again, name).dtype == getattr(SKETCH, name).dtype


@pytest.mark.parametrize("name", ["map", "steps", "bias", "lengths"])
def test_arrays_of_another_shape_belong_to_another_sketch(name: str) -> None:
    cut = msgspec.structs.replace(SKETCH, **{name: getattr(SKETCH, name)[:1]})

    with pytest.raises(Wrong, match="of another encoder or other words: train it again"):
        read(written(cut))
