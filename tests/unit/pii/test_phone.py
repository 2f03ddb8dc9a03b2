import pytest

from streams.pii.phone import Phone, unknown_regions
from streams.pii.regions import REGIONS
from tests.unit.pii.given import pieces

PHONE = Phone(REGIONS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+1 415 555 0132", ["+1 415 555 0132"]),
        ("0044 20 7946 0958", ["0044 20 7946 0958"]),
        ("+44 (0)20 7946 0958", ["+44 (0)20 7946 0958"]),
        ("(415) 555-0132 or 415.555.0133", ["(415) 555-0132", "415.555.0133"]),
        ("im on 07700 900123 now", ["07700 900123"]),
        ("09066362231 is the number", ["09066362231"]),
        ("01.84.17.61.18", ["01.84.17.61.18"]),
        ("my phone is 07.22.24.80.26", ["07.22.24.80.26"]),
        ("The number is 78 67 12 44", ["78 67 12 44"]),
        ("451 5986 office", ["451 5986"]),
        ("M: 451 5986", ["451 5986"]),
        ("call me on 451 5986", ["451 5986"]),
        ("Phone:\n9472 7916\n", ["9472 7916"]),
        ("txt 9064017305 2 times", ["9064017305"]),
        ("4155550132 4155550133", ["4155550132", "4155550133"]),
    ],
)
def test_phones_are_found_with_their_exact_span(text: str, found: list[str]) -> None:
    assert pieces(PHONE, text) == found


@pytest.mark.parametrize(
    "text",
    [
        "123456789",
        "call of duty 2 2003 2005 2007",
        "my account number is 78671244",
        "call me on 17.05.2024",
        "451 5986",
        "2024-05-17 12:30:00",
        "17/05/2024",
        "17.05.2024 18.05.2024",
        "from 2010-2014",
        "order 4155550132",
        "tracking no. 0123456789",
        "$1234567890",
        "1,000,000,000",
        "v10.0.19041.1234",
        "3-2, 4-1, 0-0, 2-2",
        "1700000000",
        "0000000000",
        "a4155550132b",
        "id=4155550132",
        "3.14159265358979",
        "6-4 7-5 6-3 4-6",
        "10 000 000",
    ],
)
def test_dates_prices_orders_versions_and_scores_are_no_phones(text: str) -> None:
    assert pieces(PHONE, text) == []


def test_a_national_number_is_known_in_the_regions_that_are_asked_for() -> None:
    assert pieces(Phone(["GB"]), "07400 123456") == ["07400 123456"]
    assert pieces(Phone(["US"]), "07400 123456") == []
    assert pieces(Phone(["GB"]), "415 555 0132") == []


def test_unknown_regions_are_named_by_their_place() -> None:
    assert unknown_regions(["US", "XX", "GB", "ZZ"]) == [1, 3]
    assert unknown_regions(REGIONS) == []
