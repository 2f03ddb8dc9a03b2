import pytest

from streams.pii.email import Email
from tests.unit.pii.given import pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to jane.roe+x@mail.example.com.", ["jane.roe+x@mail.example.com"]),
        ("<jane@example.org>, 'joe@example.org'", ["jane@example.org", "joe@example.org"]),
        ("mailto:jane@example.org", ["jane@example.org"]),
        ("jörg@müller.de", ["jörg@müller.de"]),
        ("jane (at) example (dot) com", ["jane (at) example (dot) com"]),
        ("jane[at]example.com", ["jane[at]example.com"]),
        ("mail jane at example dot co dot uk", ["jane at example dot co dot uk"]),
    ],
)
def test_addresses_are_found_as_typed_and_as_spelled_out(text: str, found: list[str]) -> None:
    assert pieces(Email(), text) == found


@pytest.mark.parametrize(
    "text",
    [
        "@jane is here",
        "jane@",
        "jane@localhost",
        "2 bananas @ 3.50",
        "meet me at example dot com",
        "we met at noon. Dot came along",
        "a@b",
        "jane@example.c",
        "look at google.com",
    ],
)
def test_handles_prices_and_sites_are_no_addresses(text: str) -> None:
    assert pieces(Email(), text) == []
