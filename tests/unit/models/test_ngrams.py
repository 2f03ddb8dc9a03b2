"""Hashed n-grams of a batch are those that a plain loop finds text by text."""

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.models.ngrams import BITS, BUCKETS, LONGEST, ngrams, spaced

WRAP = 1 << 64
PRIME = 0x100000001B3
ODD = 0x9E3779B97F4A7C15
OTHER = 0xBF58476D1CE4E5B9

TEXTS = st.text(st.characters(codec=None), max_size=40) | st.text("ab ,'é\u0130ß\U0001f600\ud800", max_size=40)


def bucket(gram: str, salt: int) -> int:
    """Return the bucket of one n-gram."""
    value = sum((ord(letter) + 1) * pow(PRIME, power, WRAP) for power, letter in enumerate(gram)) % WRAP
    value = (value ^ salt) * ODD % WRAP
    value = (value ^ (value >> 29)) * OTHER % WRAP
    return value >> (64 - BITS)


def grams(text: str) -> Iterator[tuple[str, int]]:
    """Yield the n-grams of a text as `spaced` returns it, and what keeps its kind apart."""
    words = text.split(" ") if text else []
    for word in words:
        padded = f" {word} "
        for order in (2, 3, 4, 5):
            yield from ((padded[start : start + order], order) for start in range(len(padded) - order + 1))
        yield word, 101
    yield from ((f"{one} {two}", 102) for one, two in pairwise(words))


def naive(text: str) -> list[int]:
    return sorted({bucket(gram, salt) for gram, salt in grams(text)})


def by_text(texts: Sequence[str]) -> list[list[int]]:
    found = ngrams(texts)
    return [found.buckets[found.texts == place].tolist() for place in range(len(texts))]


@given(st.lists(TEXTS, max_size=5))
@example(["", "", ""])
@example(["a", "", "b c"])
def test_a_batch_has_the_n_grams_that_a_plain_loop_finds(texts: list[str]) -> None:
    ready = [spaced(text) for text in texts]

    assert by_text(ready) == [naive(text) for text in ready]


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_a_text_has_the_same_n_grams_alone_and_in_any_batch(texts: list[str]) -> None:
    ready = [spaced(text) for text in texts]

    assert by_text(ready) == [by_text([text])[0] for text in ready]
    assert by_text(ready[::-1]) == by_text(ready)[::-1]


def test_no_texts_have_no_n_grams() -> None:
    found = ngrams([])

    assert len(found.buckets) == len(found.texts) == 0


def test_n_grams_come_in_the_order_of_the_texts_and_each_once() -> None:
    found = ngrams([spaced("ha ha ha ha"), spaced(""), spaced("ho")])

    assert np.array_equal(found.texts, np.sort(found.texts))
    assert set(found.texts.tolist()) == {0, 2}
    # " h", "ha", "a ", " ha", "ha ", " ha ", the word and the pair; longer ones do not fit into a word.
    assert (found.texts == 0).sum() == 8
    assert found.buckets.min() >= 0
    assert found.buckets.max() < BUCKETS


def test_a_word_is_another_n_gram_than_the_same_letters_inside_a_word() -> None:
    alone, inside = by_text(["cat", "concatenated"])

    assert bucket("cat", 101) in alone
    assert bucket("cat", 101) not in inside
    assert bucket("cat", 3) in set(alone) & set(inside)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello,world!!", "hello , world !!"),
        ("  DON'T\n\tpanic ", "don't panic"),
        ("a" * (LONGEST + 5), "a" * LONGEST),
        ("", ""),
        ("\u3000.\x1f", "."),
    ],
)
def test_words_stand_apart_from_signs(text: str, said: str) -> None:
    assert spaced(text) == said


@given(TEXTS)
def test_what_is_spaced_stays_so(text: str) -> None:
    assert "  " not in spaced(text)
    assert spaced(spaced(text)) == spaced(text)


@pytest.mark.parametrize(
    "text",
    ["a" * 20_000, "a " * 10_000, "a," * 10_000, " " * 20_000, "\U0001f600" * 20_000, "'" * 20_000, "\ud800" * 20_000],
)
def test_hostile_texts_take_less_than_a_tenth_of_a_second(text: str) -> None:
    ngrams(["warm"])
    spent = []
    for _ in range(3):
        start = time.thread_time()
        ngrams([spaced(text)])
        spent.append(time.thread_time() - start)

    assert min(spent) < 0.1
