import random
import string
import time
from collections.abc import Iterable

import pytest

from streams.obfuscation.terms import LARGEST_TABLE, Search, Terms


def terms(words: Iterable[str], *, leet: bool = False) -> Terms:
    """Return terms of one list, to be found as whole words."""
    result = Terms(alike=False, leet=leet)
    for word in words:
        result.add(0, word, words=True)
    return result


def took(made: Terms) -> float:
    """Return the seconds that it takes to build a search."""
    before = time.process_time()
    Search(made)
    return time.process_time() - before


def test_numbered_terms_are_built_as_fast_as_words_are() -> None:
    chance = random.Random(1)
    words = terms("".join(chance.choices(string.ascii_lowercase, k=8)) for _ in range(100_000))
    numbered = terms(f"term{number}" for number in range(100_000))

    assert took(numbered) < 3 * took(words)  # a tenth; without a term that stands first fifteen times as long


@pytest.mark.parametrize("leet", [False, True])
def test_a_large_list_finds_what_a_small_one_does(*, leet: bool) -> None:
    listed = ["idiot", "term7", "term70", "x2", "🖕"]
    others = [f"{number:05}" * 20 for number in range(LARGEST_TABLE // 100 + 1)]
    small, large = Search(terms(listed, leet=leet)), Search(terms([*others, *listed], leet=leet))
    texts = ["an idiot", "1d10t", "term70", "term7 term", "terms7", "x2 🖕x", "\0\0\0", ""]

    hits = [small.hits(text) for text in texts]

    assert [bool(found) for found in hits] == [True, leet, True, True, False, True, False, False]
    assert [large.hits(text) for text in texts] == hits


def test_a_term_of_two_lists_is_found_for_both_of_them() -> None:
    both = Terms(alike=False, leet=False)
    both.add(3, "idiot", words=True)
    both.add(1, "idiot", words=False)

    assert Search(both).hits("idiot") == [(3, (0, 5)), (1, (0, 5))]
    assert Search(both).hits("idiots") == [(1, (0, 5))]
