import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.solicitation.form import HINTS, Form

EVERY_STEP = [name for name, _ in HINTS]


def plain(text: str) -> str:
    form = Form(text)
    form.undisguise(EVERY_STEP)
    return form.text


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Five five FIVE, one two", "55512"),
        ("four double seven triple one", "477111"),
        ("w h a t s a p p me", "whatsapp me"),
        ("k.i.k me", "kik me"),
        ("5 5 5 1 2", "55512"),
        ("wh4ts4pp or t3legr@m", "whatsapp or telegram"),
        ("john (at) gmail (dot) com", "john@gmail.com"),
        ("john[at]yahoo[dot]com", "john@yahoo.com"),
        ("anna.k at hotmail dot co dot uk", "anna.k@hotmail.co.uk"),
        ("ann dot lee at mail dot com", "ann.lee@mail.com"),
        ("te\u200blegram", "telegram"),
        ("\uff54elegram", "telegram"),
    ],
)
def test_disguises_are_taken_off(text: str, form: str) -> None:
    assert plain(text) == form


@pytest.mark.parametrize(
    "text", ["one of us", "meet me at shop dot com".replace(" dot ", "."), "dot your i's", "look at that", "4 of 5"]
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "found", "origin"),
    [
        ("call five five\n five one now", "5551", "five five\n five one"),
        ("📞 w h a t s a p p me", "whatsapp", "w h a t s a p p"),
        ("é: ann dot lee (at) mail dot com!", "ann.lee@mail.com", "ann dot lee (at) mail dot com"),
        ("t\u200b3legram", "telegram", "t\u200b3legram"),
    ],
)
def test_a_place_in_the_form_leads_back_to_the_text_as_written(text: str, found: str, origin: str) -> None:
    form = Form(text)
    form.undisguise(EVERY_STEP)
    start = form.text.index(found)
    ((first, last),) = form.origin([(start, start + len(found))])

    assert text[first:last] == origin


def test_what_was_disguised_is_known_by_its_place() -> None:
    form = Form("kik is k i k")
    form.undisguise(EVERY_STEP)

    assert form.text == "kik is kik"
    assert form.undisguised((0, 3)) == frozenset()
    assert form.undisguised((7, 10)) == {"spaced"}


@given(
    st.lists(st.sampled_from(["five ", "a t ", " at ", "x", " dot com", "(at)", "é", "\u200b", "k1k ", "\ud800", "\n"]))
)
def test_every_place_leads_back_into_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    form = Form(text)
    form.undisguise(EVERY_STEP)

    for start, end in form.origin((index, index + 1) for index in range(len(form.text))):
        assert 0 <= start < end <= len(text)
