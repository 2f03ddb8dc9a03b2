"""Which addresses may be asked inside of a network, what a pinned request looks like; test_https.py has the rest."""

import httpx
import pytest

from streams.adapters.pinned import Target, is_inside, request_to


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.1", "127.0.0.1", "::1", "fd12:3456::1", "93.184.215.14"])
def test_a_machine_inside_or_outside_may_be_asked_where_policy_and_setting_say_so(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",  # credentials, of most clouds
        "169.254.170.2",  # of containers
        "fd00:ec2::254",  # over IPv6
        "100.100.100.200",  # another cloud's
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.7",  # carried: nobody's name server says so
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "fe80::1",
        "fe80::1%eth0",
        "0.0.0.0",  # noqa: S104  an address that is refused
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "240.0.0.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "",
    ],
)
def test_what_gives_out_credentials_or_is_no_machine_may_not(address: str) -> None:
    assert not is_inside(address)


@pytest.mark.parametrize(
    ("target", "address", "url", "host"),
    [
        (Target("a.example", 443, "/x?y=1"), "93.184.215.14", "https://93.184.215.14/x?y=1", "a.example"),
        (Target("a.example", 8443, "/"), "2606:2800::1", "https://[2606:2800::1]:8443/", "a.example:8443"),
        (Target("b.internal", 80, "/", "http"), "10.0.0.7", "http://10.0.0.7/", "b.internal"),
        (Target("b.internal", 443, "/", "http"), "10.0.0.7", "http://10.0.0.7:443/", "b.internal:443"),
    ],
)
async def test_a_request_goes_to_the_address_in_the_name_of_the_host(
    target: Target, address: str, url: str, host: str
) -> None:
    async with httpx.AsyncClient() as client:
        request = request_to(client, "POST", target, address, {"X-Told": "yes"}, b"body")
    assert str(request.url) == url
    assert request.headers["host"] == host
    assert request.headers["x-told"] == "yes"
    assert request.extensions["sni_hostname"] == target.host
    assert request.content == b"body"
