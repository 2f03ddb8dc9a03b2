"""Pieces of a text hold all of it, in order, none longer than the encoder reads."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.models.pieces import SIZE, pieces

PARTS = st.text("ab.!? \n\u3000\x1f", max_size=30) | st.sampled_from(["word " * 60, "x" * 300, ". ", "\n\n", " " * 250])


@given(st.lists(PARTS, max_size=30).map("".join))
@example("\n" * 300)
@example(" " * 300)
@example("x" * SIZE + " " + "y" * SIZE)
@example("a. " + "x" * 1000)
def test_pieces_are_short_and_hold_everything_that_can_be_read_in_order(text: str) -> None:
    found = pieces(text)

    assert found
    assert all(len(piece) <= SIZE for piece in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)


def test_a_short_text_is_one_piece_as_it_is() -> None:
    assert pieces(" two  words\n") == [" two  words\n"]
    assert pieces("") == [""]
    assert pieces("x" * SIZE) == ["x" * SIZE]


def test_a_text_is_cut_where_sentences_end() -> None:
    sentences = [f"Sentence number {number} has {'quite ' * 14}some words." for number in range(5)]

    assert all(100 < len(sentence) < SIZE for sentence in sentences)
    assert pieces(" ".join(sentences)) == sentences


def test_short_sentences_share_a_piece() -> None:
    found = pieces("We met. " * 60)

    assert [len(piece) > SIZE - 20 for piece in found[:-1]] == [True] * (len(found) - 1)
    assert all(piece.startswith("We met.") and piece.endswith("We met.") for piece in found)


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    found = pieces("longer " * 100)

    assert len(found) == 4
    assert all(set(piece.split()) == {"longer"} for piece in found)


def test_what_has_no_spaces_is_cut_anywhere() -> None:
    assert [len(piece) for piece in pieces("x" * 500)] == [220, 220, 60]


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "x. " * 6_600, " " * 20_000, "." * 20_000, "\n" * 20_000, ". " * 10_000]
)
def test_hostile_texts_are_cut_at_once(text: str) -> None:
    spent = []
    for _ in range(3):
        start = time.thread_time()
        pieces(text)
        spent.append(time.thread_time() - start)

    assert min(spent) < 0.05
