import pytest

from streams.solicitation.form import HINTS, Form
from streams.solicitation.number import addresses, digits_of, is_count, joined, numbers


def form_of(text: str) -> Form:
    form = Form(text)
    form.undisguise(name for name, _ in HINTS)
    return form


def test_seven_digits_in_words_are_a_number() -> None:
    assert [spelled.points for spelled in numbers(form_of("five five five nine eight one two"))] == [0.6]
    assert numbers(form_of("five five five nine eight one")) == []


def test_a_word_of_calling_makes_it_surer() -> None:
    (spelled,) = numbers(form_of("call five five five nine eight one two"))

    assert spelled.points == pytest.approx(0.8)


def test_digits_that_stand_as_digits_are_left_to_other_engines() -> None:
    assert numbers(form_of("call 555 981 2345")) == []
    assert addresses(form_of("write to ann@mail.com")) == []


@pytest.mark.parametrize("digits", ["1234567", "7654321", "7890123", "5555555"])
def test_counting_is_no_number(digits: str) -> None:
    assert is_count(digits)


def test_an_address_in_words_is_surer_where_everybody_has_one() -> None:
    (mail,) = addresses(form_of("ann (at) gmail dot com"))
    (other,) = addresses(form_of("ann (at) example dot org"))

    assert (mail.points, other.points) == (0.7, 0.5)


def test_a_piece_is_nothing_but_digits() -> None:
    assert digits_of("(555) ") == "555"
    assert digits_of("555 apples") == ""


@pytest.mark.parametrize(
    ("pieces", "around", "points"),
    [
        (["555", "123", "4567"], [], 0.6),
        (["0171", "234567"], ["what is your number?"], 0.6),
        (["0171", "234567"], [], 0.3),
        (["100", "101", "102"], [], 0.0),
        (["12", "34", "56", "78"], [], 0.0),
        (["4567"], ["number?"], 0.0),
    ],
)
def test_pieces_are_a_number_by_their_breaks_or_because_somebody_asked(
    pieces: list[str], around: list[str], points: float
) -> None:
    assert joined(pieces, around) == points
