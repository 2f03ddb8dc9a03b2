import pytest

from streams.pii.address import Address
from tests.unit.pii.given import pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("at 221B Baker Street, London", "221B Baker Street, London"),
        ("go to 1600 Pennsylvania Ave. now", "1600 Pennsylvania Ave."),
        ("12 Main St, Springfield, IL 62704 is it", "12 Main St, Springfield, IL 62704"),
        ("wohnt Hauptstraße 17", "Hauptstraße 17"),
        ("Unter Villacher Strasse 89", "Unter Villacher Strasse 89"),
        ("24 rue de la Paix", "24 rue de la Paix"),
        ("Rua Augusta 1508", "Rua Augusta 1508"),
        ("PO Box 1234", "PO Box 1234"),
        ("PSC 1234, Box 5678\nAPO AE 09123", "PSC 1234, Box 5678\nAPO AE 09123"),
        ("it is 345 Anything Here, Apt. 12 there", "345 Anything Here, Apt. 12"),
        ("i live at 14 garden road", "14 garden road"),
        ("my address is 77 Nameless 3", "77 Nameless 3"),
        ("at the corner of 5th Avenue and Pine Street", "the corner of 5th Avenue and Pine Street"),
        ("643 ul. Biskupa 118", "643 ul. Biskupa 118"),
        ("near Kálmán Imre utca 12", "Kálmán Imre utca 12"),
        ("6750 Koskikatu 25, Persint", "6750 Koskikatu 25, Persint"),
        ("76 Magasinsgatan 7", "76 Magasinsgatan 7"),
        ("Suite 12, 55 Elm 7", "Suite 12, 55 Elm 7"),
        ("Elm 55.\nSuite 12", "Elm 55.\nSuite 12"),
        ("USS Nimitz\nFPO AP 96349", "USS Nimitz\nFPO AP 96349"),
        ("taxi to 5 apple lane", "5 apple lane"),
    ],
)
def test_addresses_are_found_by_street_box_unit_or_a_cue(text: str, found: str) -> None:
    assert pieces(Address(), text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "on Wall Street they say",
        "5 minutes down the road",
        "2 GO N E WAY IM",
        "page 12, Chapter 3",
        "meeting on Monday, Jan. 11, at noon",
        "i moved on 2 years ago",
        "he came to 5 of my games",
        "in 2010 Microsoft sold 5, Apple 6",
        "it costs $12 Main thing",
        "Round 1 Fight 2",
    ],
)
def test_streets_without_a_number_and_numbers_without_a_street_are_none(text: str) -> None:
    assert pieces(Address(), text) == []
