import pytest

from streams.pii.credentials import Credentials
from tests.unit.pii.given import claimed, pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://jane:s3cret@example.com/x", ["jane:s3cret"]),
        ("postgres://app:pw@db.internal:5432/main", ["app:pw"]),
        ("redis://:pw@cache", [":pw"]),
        ("https://example.com:8080/a@b", []),
        ("https://jane@example.com", []),
        ("https://example.com/?q=a:b@c", []),
    ],
)
def test_name_and_password_are_found_where_they_stand_before_the_host(text: str, found: list[str]) -> None:
    assert pieces(Credentials(), text) == found


def test_a_password_before_a_host_is_no_e_mail_address() -> None:
    assert claimed("ftp://jane:s3cret@files.example.com") == [("url_credentials", "jane:s3cret")]
