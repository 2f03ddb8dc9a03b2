import pytest

from streams.pii.iban import Iban
from tests.unit.pii.given import pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GB82WEST12345698765432", ["GB82WEST12345698765432"]),
        ("gb82 west 1234 5698 7654 32 to my bank", ["gb82 west 1234 5698 7654 32"]),
        ("DE89-3704-0044-0532-0130-00.", ["DE89-3704-0044-0532-0130-00"]),
        ("NO9386011117947 and FR1420041010050500013M02606", ["NO9386011117947", "FR1420041010050500013M02606"]),
        ("GB82WEST12345698765433", []),
        ("xGB82WEST12345698765432", []),
        ("AB12 this is no account", []),
    ],
)
def test_accounts_are_found_when_length_and_check_digits_hold(text: str, found: list[str]) -> None:
    assert pieces(Iban(), text) == found
