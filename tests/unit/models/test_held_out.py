"""Held-out probabilities are found again by a text's fingerprint."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.models import heads
from streams.models.held_out import fingerprint, shipped, written


@given(st.text(st.characters(codec=None), max_size=50))
def test_a_fingerprint_has_64_bits_and_stays_the_same(text: str) -> None:
    assert 0 <= fingerprint(text) < 1 << 64
    assert fingerprint(text) == fingerprint("".join(list(text)))
    assert fingerprint(text + "!") != fingerprint(text)


def test_a_fingerprint_is_the_same_on_every_machine() -> None:
    assert fingerprint("see you at seven") == 5603748962782270699


def test_texts_are_written_with_their_probabilities_and_not_as_texts() -> None:
    data = written(["one text", "another text", "one text"], np.array([[0.1, 0.9], [0.5, 0.25], [0.75, 0.125]]))
    with np.load(io.BytesIO(data)) as stored:
        texts, probabilities = stored["texts"], stored["probabilities"]

    assert b"another" not in data
    assert texts.dtype == np.uint64
    known = dict(zip(texts.tolist(), probabilities.tolist(), strict=True))
    assert known == {fingerprint("one text"): [0.75, 0.125], fingerprint("another text"): [0.5, 0.25]}


def test_every_training_text_is_shipped_with_a_probability_of_each_label() -> None:
    known = shipped()
    some = next(iter(known.values()))

    assert len(known) > 10_000
    assert {len(each) for each in known.values()} == {len(heads.shipped().labels)}
    assert some.dtype == np.float64
    assert all(((each >= 0) & (each <= 1)).all() for each in list(known.values())[:1000])


def test_a_text_of_nobody_s_is_not_among_them() -> None:
    assert fingerprint("no set of training texts holds this line, which was made up for a test") not in shipped()
