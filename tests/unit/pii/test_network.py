import pytest

from streams.pii.network import Ip
from tests.unit.pii.given import pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from 192.168.1.10, port 80", ["192.168.1.10"]),
        ("10.0.0.0/8.", ["10.0.0.0/8"]),
        ("http://127.0.0.1:8080/", ["127.0.0.1"]),
        ("2001:db8:85a3::8a2e:370:7334 is up", ["2001:db8:85a3::8a2e:370:7334"]),
        ("listen on ::1.", ["::1"]),
        ("fe80::1%eth0", ["fe80::1%eth0"]),
        ("::ffff:192.0.2.1", ["::ffff:192.0.2.1"]),
        ("V, the host 192.168.17.23", ["192.168.17.23"]),
    ],
)
def test_addresses_of_both_versions_are_found(text: str, found: list[str]) -> None:
    assert pieces(Ip(), text) == found


@pytest.mark.parametrize(
    "text",
    [
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "version 1.2.3.4",
        "Version is: 1.2.3.4",
        "v10.0.19041.1",
        "12:34:56",
        "std::vector",
        "a::b",
        "::",
    ],
)
def test_versions_times_and_code_are_no_addresses(text: str) -> None:
    assert pieces(Ip(), text) == []
