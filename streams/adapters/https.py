"""Media on the web: an https address of an allowed host in, its bytes out.

The address is the user's: it must not make the worker speak to anything but the named hosts on the public internet.
The name is resolved once, every address it has must be public, and the connection goes to one of those very addresses,
so that no second answer of the name server can lead elsewhere. No redirects, no proxies, no compression.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM, gaierror
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from streams.adapters.unreadable import Reason, Unreadable

PORT: Final = 443
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

ANSWERS: Final[dict[int, Reason]] = {
    HTTPStatus.NOT_FOUND: "object_not_found",
    HTTPStatus.GONE: "object_not_found",
    HTTPStatus.UNAUTHORIZED: "access_denied",
    HTTPStatus.FORBIDDEN: "access_denied",
}
BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Permitted = Callable[[str], bool]


class Target(NamedTuple):
    """An address that may be asked."""

    host: str
    port: int
    path: str  # with the query


class Https:
    """Reads media from allowed hosts."""

    def __init__(
        self,
        hosts: Sequence[str],
        limit: int,
        timeout: float,
        *,
        resolve: "Resolve | None" = None,
        permitted: "Permitted | None" = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Take host names (`media.example`, `media.example:8443`), the most bytes, and the seconds for one read."""
        self._hosts = frozenset(host.lower() for host in hosts)
        self._limit = limit
        self._timeout = timeout
        self._resolve = resolve or resolved
        self._permitted = permitted or is_public
        self._tls = tls or ssl.create_default_context()

    async def read(self, url: str, limit: int | None = None) -> bytes:
        """Return the bytes at an address; raise Unreadable. `limit` stands in for the most bytes of the others."""
        target = self._target(url)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._fetched(target, await self._addresses(target), limit or self._limit)
        except TimeoutError as error:
            raise Unreadable("timeout", retryable=True) from error

    def _target(self, url: str) -> Target:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port or PORT
        except ValueError as error:
            raise Unreadable("invalid_location") from error
        if parts.scheme != "https":
            raise Unreadable("not_https")
        if parts.username is not None or parts.password is not None:
            raise Unreadable("invalid_location")
        if (host if port == PORT else f"{host}:{port}") not in self._hosts:
            raise Unreadable("host_not_allowed")
        return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    async def _addresses(self, target: Target) -> Sequence[str]:
        """Return the addresses of the host; none of them may lead into a private network."""
        try:
            addresses = await self._resolve(target.host, target.port)
        except (gaierror, UnicodeError) as error:
            raise Unreadable("unreachable", retryable=True) from error
        if not addresses:
            raise Unreadable("unreachable", retryable=True)
        if not all(self._permitted(address) for address in addresses):
            raise Unreadable("address_not_allowed")
        return addresses[:MOST_ADDRESSES]

    async def _fetched(self, target: Target, addresses: Sequence[str], limit: int) -> bytes:
        # A client for each read: nothing of one user's address, cookies least of all, meets that of another.
        async with httpx.AsyncClient(
            verify=self._tls, trust_env=False, follow_redirects=False, timeout=self._timeout
        ) as client:
            for address in addresses:
                try:
                    return await self._got(client, target, address, limit)
                except httpx.ConnectError:
                    continue
                except httpx.InvalidURL as error:
                    raise Unreadable("invalid_location") from error
                except httpx.TimeoutException as error:
                    raise Unreadable("timeout", retryable=True) from error
                except httpx.TransportError as error:
                    raise Unreadable("unreachable", retryable=True) from error
        raise Unreadable("unreachable", retryable=True)

    async def _got(self, client: httpx.AsyncClient, target: Target, address: str, limit: int) -> bytes:
        """Ask one address as the host; the certificate must be the host's."""
        literal = f"[{address}]" if ":" in address else address
        named = target.host if target.port == PORT else f"{target.host}:{target.port}"
        request = client.build_request(
            "GET",
            f"https://{literal}:{target.port}{target.path}",
            headers={"Host": named, "Accept": "image/*, video/*", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": target.host},
        )
        answer = await client.send(request, stream=True)
        try:
            if answer.status_code != HTTPStatus.OK:
                raise _refusal(answer.status_code)
            return await self._drained(answer, limit)
        finally:
            await answer.aclose()

    async def _drained(self, answer: httpx.Response, limit: int) -> bytes:
        chunks, size = [], 0
        if int(answer.headers.get("content-length") or 0) > limit:
            raise Unreadable("too_large")
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > limit:
                raise Unreadable("too_large")
            chunks.append(chunk)
        return b"".join(chunks)


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


async def resolved(host: str, port: int) -> Sequence[str]:
    """Return every address of a host, IPv4 and IPv6, in the order of the name server."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _refusal(status: int) -> Unreadable:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Unreadable("redirected")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in BUSY:
        return Unreadable("unavailable", retryable=True)
    return Unreadable(ANSWERS.get(status, "refused"))
