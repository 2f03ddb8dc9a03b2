import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.pii.form import formed


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("plain 123\n", "plain 123\n"),
        ("\uff14\uff11\uff11\uff11", "4111"),
        ("\u0664\u0661", "41"),
        ("\u0967\u0968", "12"),
        ("a\uff20b\uff0ecom", "a@b.com"),
        ("4\u200b1\u00ad1\u2060", "411"),
        ("555\u2013123\u00a0456", "555-123 456"),
        ("\u2463", "4"),
        ("10\u00b2", "10\u00b2"),
        ("Stra\u00dfe", "Stra\u00dfe"),
        ("\ud800 1", " 1"),
        ("\U0001f600 \U0001d7d9", "\U0001f600 1"),
    ],
)
def test_digits_and_signs_are_ascii_and_nothing_unseen_stays(text: str, form: str) -> None:
    assert formed(text).text == form


def test_a_span_of_the_form_is_the_span_of_the_text_that_it_stands_for() -> None:
    text = "a\u200bb\u200b\u200bcd"

    assert formed(text).span(0, 4) == (0, 7)
    assert formed(text).span(1, 2) == (2, 3)
    assert formed(text).span(2, 3) == (5, 6)


@given(st.text(st.characters() | st.sampled_from("\u200b\u00ad\uff11\ud800\ufeff1")))
def test_every_character_of_the_form_has_one_origin(text: str) -> None:
    form = formed(text)
    places = [form.span(place, place + 1) for place in range(len(form.text))]

    assert all(end == start + 1 for start, end in places)
    assert places == sorted(set(places))
    assert all(0 <= start < end <= len(text) for start, end in places)
