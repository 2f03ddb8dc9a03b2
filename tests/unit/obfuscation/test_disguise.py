# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import pytest
import re2

from streams.obfuscation.disguise import Ways, expression, stem

ALL = Ways(leet=True, confusables=True, spaced=True, repeated=True, masked=True, inflected=True)


def is_written(term: str, text: str, ways: Ways = ALL) -> bool:
    """Say whether a whole text is a way to write a term."""
    written = expression([stem(term, ways)], ways)
    return written is not None and re2.fullmatch(written, f"\n{text}\n") is not None


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("spaced", "s l u t"),
        ("spaced", "s.l-u_t"),
        ("spaced", "s , l , u , t"),
        ("spaced", "sl.ut"),
        ("repeated", "sluuut"),
        ("repeated", "ssslutttt"),
        ("masked", "sl*t"),
        ("masked", "s**t"),
        ("masked", "sl@#t"),
        ("masked", "s--t"),
        ("masked", "sl..t"),
        ("masked", "slu*"),
    ],
)
def test_a_list_finds_what_it_asks_for_and_nothing_else(way: str, text: str) -> None:
    others = {"spaced", "repeated", "masked"} - {way}

    assert is_written("slut", text, Ways(**{way: True}))
    assert not is_written("slut", text, Ways(**dict.fromkeys(others, True)))


@pytest.mark.parametrize(
    "text", ["s", "s***", "***t", "s*t", "s********t", "sl ut", "s l ut", "slu", "s-", "sl...t", "****"]
)
def test_too_little_shown_is_no_word(text: str) -> None:
    assert not is_written("slut", text)


@pytest.mark.parametrize("text", ["5lut", "$ l u 7", "s1uuu7", "$|ut"])
def test_leet_goes_together_with_the_other_ways(text: str) -> None:
    assert is_written("slut", text)
    assert not is_written("slut", text, ALL._replace(leet=False))


@pytest.mark.parametrize(
    "text", ["наврун", "по-врун", "поврунами", "в р у н", "в.р.у.н.ы", "вр#ун", "в*ун", "vрун", "вpyн", "вруууны"]
)
def test_a_russian_stem_has_prefixes_endings_and_disguises(text: str) -> None:
    assert is_written("*врун*", text)


@pytest.mark.parametrize("text", ["шврун", "вр ун", "брун", "навырасврун1"])
def test_what_is_no_prefix_makes_another_word(text: str) -> None:
    assert not is_written("*врун*", text)


def test_a_prefix_ending_in_a_consonant_stands_before_no_vowel() -> None:
    assert is_written("*ела*", "заела")
    assert is_written("*ела*", "съела")
    assert not is_written("*ела*", "села")


def test_stars_mean_nothing_where_words_are_not_inflected() -> None:
    assert not is_written("*slut*", "slutty", ALL._replace(inflected=False))
    assert is_written("slut*", "slutty")
    assert is_written("*врун", "навrун")


@pytest.mark.parametrize("term", ["ab", "c++", "4x4", "", "*", "слово2", "傻瓜"])
def test_short_terms_and_such_that_are_not_letters_have_no_expression(term: str) -> None:
    assert expression([stem(term, ALL)], ALL) is None


def test_the_words_of_a_phrase_are_disguised_too() -> None:
    assert is_written("piece of junk", "pieece 0f j.u.n.k")
    assert not is_written("piece of junk", "pieceofjunk")
