# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import time

import pytest

from streams.obfuscation.disguise import Ways, stem
from streams.obfuscation.search import MOST_TERMS, Disguises, disguises

ALL = Ways(leet=True, confusables=True, spaced=True, repeated=True, masked=True, inflected=True)


def search_for(*terms: str) -> Disguises:
    """Return a search for terms of one alphabet."""
    (search,) = disguises([stem(term, ALL) for term in terms], ALL)
    return search


def pieces(search: Disguises, text: str) -> list[str]:
    """Return what is found, in order."""
    return [text[start:end] for start, end in sorted(search.hits(text, ()))]


def test_neighbours_that_share_a_border_are_all_found() -> None:
    assert pieces(search_for("idiot"), "idiiot 1diot,id*ot\ni.d.i.o.t") == ["idiiot", "1diot", "id*ot", "i.d.i.o.t"]


def test_the_ends_of_a_text_are_borders() -> None:
    assert pieces(search_for("idiot"), "id!ot") == ["id!ot"]
    assert pieces(search_for("sissy"), "$i$$y") == ["$i$$y"]


def test_the_longest_word_is_found() -> None:
    assert pieces(search_for("idiot", "idiotic"), "i d i o t i c") == ["i d i o t i c"]


@pytest.mark.parametrize("text", ["éid*ot", "id*oté", "xid*ot", "id*ots", "_id*ot", "id*ot1", "字id*ot"])
def test_a_part_of_a_longer_word_is_not_found(text: str) -> None:
    assert pieces(search_for("idiot"), text) == []


def test_what_is_known_is_not_found_again() -> None:
    assert search_for("idiot").hits("idiot idioot", [(0, 5)]) == [(6, 12)]


def test_a_word_in_latin_letters_is_no_cyrillic_word() -> None:
    assert pieces(search_for("хер"), "her xep he") == []
    assert pieces(search_for("хер"), "хeр") == ["хeр"]


def test_terms_of_two_alphabets_make_two_searches() -> None:
    assert [search.cyrillic for search in disguises([stem("дурак", ALL), stem("fool", ALL)], ALL)] == [False, True]


def test_three_thousand_terms_are_the_most() -> None:
    with pytest.raises(ValueError, match="3,001 terms"):
        disguises([stem("fool", ALL)] * (MOST_TERMS + 1), ALL)


@pytest.mark.parametrize(
    "piece", ["i", "id", "i.d.", "i*", "i d ", "idiot ", "i d i o t ", "id*ot,", "\u0301", "*", "наи"]
)
def test_time_grows_with_the_length_of_a_text(piece: str) -> None:
    search = search_for("*idiot*", "idi", "diot")
    text = (piece * 20_000)[:20_000]
    search.hits(text, ())

    before = time.process_time()
    search.hits(text, ())

    assert time.process_time() - before < 0.5  # a tenth of it on an idle machine
