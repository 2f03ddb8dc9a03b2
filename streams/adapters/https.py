"""Media on the web: an https address of an allowed host in, its bytes out.

The address is the user's: it must not make the worker speak to anything but the named hosts on the public internet.
Every address that a name has must be public, and the connection goes to one of those very addresses. No redirects, no
proxies, no compression.
"""

import asyncio
import ssl
from collections.abc import Sequence
from http import HTTPStatus
from socket import gaierror
from typing import Final
from urllib.parse import urlsplit

import httpx

from streams.adapters.pinned import (
    MOST_ADDRESSES,
    PORTS,
    Permitted,
    Resolve,
    Target,
    is_public,
    request_to,
    resolved,
)
from streams.adapters.quiet import quiet
from streams.adapters.unreadable import Reason, Unreadable

quiet()

ANSWERS: Final[dict[int, Reason]] = {
    HTTPStatus.NOT_FOUND: "object_not_found",
    HTTPStatus.GONE: "object_not_found",
    HTTPStatus.UNAUTHORIZED: "access_denied",
    HTTPStatus.FORBIDDEN: "access_denied",
}
BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Https:
    """Reads media from allowed hosts."""

    def __init__(
        self,
        hosts: Sequence[str],
        limit: int,
        timeout: float,
        *,
        resolve: Resolve | None = None,
        permitted: Permitted | None = None,
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
            host, port = (parts.hostname or "").rstrip("."), parts.port or PORTS["https"]
        except ValueError as error:
            raise Unreadable("invalid_location") from error
        if parts.scheme != "https":
            raise Unreadable("not_https")
        if parts.username is not None or parts.password is not None:
            raise Unreadable("invalid_location")
        target = Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if target.named not in self._hosts:
            raise Unreadable("host_not_allowed")
        return target

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
        """Ask one address as the host."""
        headers = {"Accept": "image/*, video/*", "Accept-Encoding": "identity"}
        request = request_to(client, "GET", target, address, headers)
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


def _refusal(status: int) -> Unreadable:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Unreadable("redirected")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in BUSY:
        return Unreadable("unavailable", retryable=True)
    return Unreadable(ANSWERS.get(status, "refused"))
