"""Hosts on the web asked at an address that was checked: no second answer of the name server can lead elsewhere.

The name is resolved once, every address it has must be permitted, and the connection goes to one of those very
addresses, with the certificate of the host.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import Final, Literal, NamedTuple

import httpx

PORTS: Final = {"https": 443, "http": 80}
MOST_ADDRESSES: Final = 3  # that are tried, in the order of the name server

# Blocks that lead to an IPv4 address inside of an IPv6 one: a way around the check, and no home of a media host.
# RFC 4291, 4380, 3056 and 7526, 6052, 8215.
CARRIERS: Final = tuple(
    ip_network(block)
    for block in (
        "::ffff:0:0/96",
        "::/96",
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
    )
)

# Special blocks that Python 3.11 to 3.13 takes for global, in part or whole. RFC 6890 and 7335, 9637.
SPECIAL: Final = tuple(ip_network(block) for block in ("192.0.0.0/24", "3fff::/20"))

# What gives out credentials beside the link-local addresses: Amazon's over IPv6, Alibaba's. From their documentation.
METADATA: Final = tuple(ip_network(block) for block in ("fd00:ec2::/32", "100.100.100.200/32"))

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Permitted = Callable[[str], bool]


class Target(NamedTuple):
    """An address that may be asked."""

    host: str
    port: int
    path: str  # with the query
    scheme: Literal["https", "http"] = "https"

    @property
    def named(self) -> str:
        """Return the host, with its port where that is not the scheme's own."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"


def request_to(
    client: httpx.AsyncClient,
    method: str,
    target: Target,
    address: str,
    headers: Mapping[str, str],
    content: bytes | None = None,
) -> httpx.Request:
    """Return a request that goes to one address as to the host; the certificate must be the host's."""
    literal = f"[{address}]" if ":" in address else address
    return client.build_request(
        method,
        f"{target.scheme}://{literal}:{target.port}{target.path}",
        headers={"Host": target.named, **headers},
        content=content,
        extensions={"sni_hostname": target.host},
    )


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet, of one machine, and carries no other address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.is_site_local or ip.scope_id):
        return False
    if any(ip in block for block in (*CARRIERS, *SPECIAL)):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local)


def is_inside(address: str) -> bool:
    """Tell whether an address is of one machine, public or private, and none that gives out a cloud's credentials."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if any(ip in block for block in (*CARRIERS, *METADATA)):
        return ip.is_loopback  # ::1 lies in a block of carriers
    return not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local)


async def resolved(host: str, port: int) -> Sequence[str]:
    """Return every address of a host, IPv4 and IPv6, in the order of the name server."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
