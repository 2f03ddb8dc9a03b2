"""A text as the model reads it."""

import pytest

from streams.models.prepared import has_letter, prepared, vocabulary


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("see https://example.com/a?b=c now", "see http now"),
        ("HTTP://EXAMPLE.COM and www.example.org/x", "http and http"),
        ("y\u0435s, s\u200bt\u200bu\u200bp\u200bi\u200bd", "yes, stupid"),
        ("you are an 1d1ot", "you are an idiot"),
        ("k i l l  y o u r s e l f", "kill yourself"),
        ("  too \n many\tspaces ", "too many spaces"),
        ("", ""),
    ],
)
def test_links_are_one_word_and_disguises_are_undone(text: str, read: str) -> None:
    assert prepared(text).lower() == read


@pytest.mark.parametrize("text", ["shall we have lunch together tomorrow?", "I live at 4 Mill Lane, second floor."])
def test_plain_talk_stays_what_it_is(text: str) -> None:
    assert prepared(text).lower() == text.lower()


@pytest.mark.parametrize("text", ["plain", "y0u 1d1ot \u200b!", "http://x.org/\ud800", "\u202eabc", "f u c k"])
def test_what_is_prepared_stays_so(text: str) -> None:
    assert prepared(prepared(text)) == prepared(text)


def test_the_encoder_knows_whole_words_in_lower_case() -> None:
    words = vocabulary()

    assert {"stupid", "yourself", "the"} <= words
    assert not any(word.startswith("##") or word != word.lower() for word in words if not word.startswith("["))


@pytest.mark.parametrize(
    ("text", "told"),
    [("ok", True), ("5 o'clock", True), ("\u044f", True), ("", False), ("555-1234 !!", False), ("\U0001f600", False)],
)
def test_words_have_letters(text: str, told: object) -> None:
    assert has_letter(text) is told
