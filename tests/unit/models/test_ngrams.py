"""Hashed n-grams of a batch are those that a plain loop finds text by text."""

import re
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.models.ngrams import BITS, BUCKETS, EACH, LONGEST, ngrams, spaced

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


def marks(text: str) -> Iterator[int]:
    """Yield the buckets of a text's marks: of its length, and of its longest number."""
    digits = max(map(len, re.findall("[0-9]+", text)), default=0)
    for kind in (min(len(text) // 20, 7), 8 + min(digits, 9)) if text else ():
        yield from ((kind * EACH + number) * ODD % WRAP >> (64 - BITS) for number in range(1, EACH + 1))


def naive(text: str) -> list[int]:
    return sorted({bucket(gram, salt) for gram, salt in grams(text)} | set(marks(text)))


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
    assert (found.texts == 0).sum() == 8 + 2 * EACH
    assert found.buckets.min() >= 0
    assert found.buckets.max() < BUCKETS


def test_a_word_is_another_n_gram_than_the_same_letters_inside_a_word() -> None:
    alone, inside = by_text(["cat", "concatenated"])

    assert bucket("cat", 101) in alone
    assert bucket("cat", 101) not in inside
    assert bucket("cat", 3) in set(alone) & set(inside)


@pytest.mark.parametrize(
    ("texts", "shared"),
    [
        (("0906 now", "call 1234"), 2),  # one class of length, one of digits
        (("0906 now", "call 123"), 1),
        (("a" * 19, "b" * 20), 1),
        (("a" * 139, "b" * 140), 1),
        (("a" * 140, "b" * 9000), 2),
        (("1" * 9, "2" * 12), 2),
        (("a b 12 3456 7", "0000"), 2),
        (("", "b"), 0),
    ],
)
def test_texts_of_like_length_and_numbers_share_marks(texts: tuple[str, str], shared: int) -> None:
    one, other = (
        set(found) - {bucket(*gram) for gram in grams(text)} for found, text in zip(by_text(texts), texts, strict=True)
    )

    assert len(one & other) == shared * EACH


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
