import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from streams.pii.card import Card
from streams.pii.cue import OTHER_NUMBER
from tests.unit.pii.given import DETECTOR, pieces


@pytest.mark.parametrize(
    "card",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "3782 822463 10005",
        "30569309025904",
        "6011111111111117",
        "3530111333300000",
        "6200000000000005",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    ],
)
def test_cards_of_each_issuer_are_found_in_the_groups_that_people_type(card: str) -> None:
    assert pieces(Card(), f"take {card}, thanks") == [card]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # Luhn fails
        "0000000000000000",
        "1234567812345670",  # no issuer
        "order 4111111111111111",
        "x4111111111111111",
        "0.4111111111111111",
        "4222222222222",  # thirteen digits, as EAN codes have
        "676179000000000000000000",
    ],
)
def test_other_long_numbers_are_no_cards(text: str) -> None:
    assert pieces(Card(), text) == []


def test_short_numbers_and_unknown_ranges_count_beside_a_word_for_cards() -> None:
    assert pieces(Card(), "my card 4222222222222") == ["4222222222222"]
    assert pieces(Card(), "credit card: 1234567812345670") == ["1234567812345670"]


HARMLESS = st.text(st.characters(categories=["L", "Zs", "P", "S", "M"]), max_size=200)


@given(HARMLESS, st.text("0123456789", min_size=14, max_size=14), HARMLESS)
def test_a_card_in_any_harmless_text_is_found_with_its_exact_span(before: str, digits: str, after: str) -> None:
    card = "4" + digits
    card += luhn.calc_check_digit(card)
    text = f"{before} {card} {after}"
    start = len(before) + 1
    assume(not OTHER_NUMBER.before(text, start, len(text)))  # "batch 4000…" says itself that it is no card

    spans = [claim.span for claim in DETECTOR.find(text)[1] if claim.type == "card"]

    assert spans == [(start, start + 16)]
