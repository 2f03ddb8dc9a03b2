"""Webhooks: decisions out, each a signed CloudEvent posted to an address of the policy.

Hosts lie on the public internet, unless policy and setting both say that one lies inside. What an endpoint answers
beside its status is its own affair: little of it is read, none of it is kept.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from socket import gaierror
from time import time
from typing import Final
from urllib.parse import urlsplit

import httpx

from streams import __version__
from streams.adapters.executing import Done, Result
from streams.adapters.fault import Fault, Reason
from streams.adapters.pinned import (
    MOST_ADDRESSES,
    PORTS,
    Resolve,
    Target,
    is_inside,
    is_public,
    request_to,
    resolved,
)
from streams.adapters.quiet import quiet
from streams.adapters.secret import NoSecret, secret_in
from streams.adapters.webhook_signature import key_of, signed_headers
from streams.core.cloud_event import CONTENT_TYPE, cloud_event
from streams.core.effect import Effect

quiet()

log = logging.getLogger(__name__)

CONCURRENCY: Final = 16  # requests at a time, of one endpoint
MOST_READ: Final = 4096  # bytes of an answer
LONGEST_READ: Final = 1.0  # seconds for an answer's body: its status is known by then
LONGEST_TIMEOUT: Final = 60.0  # seconds, the most that a policy takes; each request has its own as a whole
LONGEST_WAIT: Final = 3600.0  # seconds that an endpoint may ask to be left alone

BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
REFUSALS: Final[Mapping[int, Reason]] = {
    HTTPStatus.UNAUTHORIZED: "access_denied",
    HTTPStatus.FORBIDDEN: "access_denied",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.GONE: "not_found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
}
FIXED: Final[Mapping[str, str]] = {
    "Content-Type": CONTENT_TYPE,
    "User-Agent": f"moderation-streams/{__version__}",
    "Accept-Encoding": "identity",
}
INSIDE: Final = "a host inside needs allow_private in the policy, and a place in MODERATION_WEBHOOK_HOSTS"
POSTED: Final = Result("done")


class Webhook:
    """Carries out `post`."""

    def __init__(
        self,
        hosts: Sequence[str],
        source: str,
        *,
        now: Callable[[], float] = time,
        resolve: Resolve = resolved,
        permitted: Callable[[str], bool] = is_public,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Take hosts that may lie inside (`backend.internal`, `backend.internal:8080`) and the events' source."""
        self._hosts = frozenset(host.lower() for host in hosts)
        self._source = source
        self._now = now
        self._resolve = resolve
        self._permitted = permitted
        self._tls = tls or ssl.create_default_context()
        # One for each host: a connection that was made to one must never carry what is meant for another.
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._free: dict[str, asyncio.Semaphore] = {}

    def endpoint(self, effect: Effect) -> str:
        """Return scheme and host: the path may be a secret."""
        return _origin(_target(effect.target["url"]))

    def region(self, effect: Effect) -> None:
        """Return None: addresses lie in no region."""

    async def __call__(self, effect: Effect, last: Done | None, until: float) -> Result:  # noqa: ARG002  state is theirs
        """Post a decision; raise Fault."""
        keys = _keys(effect.target["secret_files"])
        target = _target(effect.target["url"])
        inside = effect.target.get("allow_private") == "true" and target.named in self._hosts
        if target.scheme != "https" and not inside:
            log.error("webhook host %s: %s", target.named, INSIDE)
            raise Fault("host_not_allowed", "deployment")
        body = cloud_event(effect.decision, self._source, masked_text=effect.target.get("include_masked") == "true")
        seconds = int(effect.target["timeout_ms"]) / 1000
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout_at(until), self._turn(target):
                headers = signed_headers(keys, effect.decision.decision_id, int(self._now()), body)
                async with asyncio.timeout_at(min(until, clock() + seconds)):
                    await self._posted(target, {**FIXED, **headers}, body, inside=inside)
        except TimeoutError:
            raise Fault("timeout", "retry") from None
        return POSTED

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()

    async def _posted(self, target: Target, headers: Mapping[str, str], body: bytes, *, inside: bool) -> None:
        client = self._client(target)
        for address in await self._addresses(target, inside=inside):
            try:
                answer = await client.send(request_to(client, "POST", target, address, headers, body), stream=True)
            except httpx.ConnectError:
                continue
            except httpx.TimeoutException:
                raise Fault("timeout", "retry") from None
            except (httpx.TransportError, httpx.InvalidURL):
                raise Fault("unreachable", "retry") from None
            try:
                _look(answer, self._now())
                await _drained(answer)
            finally:
                await answer.aclose()
            return
        raise Fault("unreachable", "retry")

    async def _addresses(self, target: Target, *, inside: bool) -> Sequence[str]:
        """Return the addresses of a host; raise Fault where one of them leads where it may not."""
        try:
            addresses = await self._resolve(target.host, target.port)
        except (gaierror, UnicodeError):
            raise Fault("unreachable", "retry") from None
        permitted = is_inside if inside else self._permitted
        if not all(permitted(address) for address in addresses):
            log.error("webhook host %s has an address that may not be asked: %s", target.named, INSIDE)
            raise Fault("address_not_allowed", "deployment")
        return addresses[:MOST_ADDRESSES]

    def _turn(self, target: Target) -> asyncio.Semaphore:
        return self._free.setdefault(_origin(target), asyncio.Semaphore(CONCURRENCY))

    def _client(self, target: Target) -> httpx.AsyncClient:
        origin = _origin(target)
        if origin not in self._clients:
            self._clients[origin] = httpx.AsyncClient(
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                timeout=LONGEST_TIMEOUT,
                limits=httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY),
            )
        return self._clients[origin]


def _keys(files: str) -> list[bytes]:
    """Return the keys that files hold, read each time: a secret is changed while the worker runs."""
    return [_key(Path(file)) for file in files.split("\n")]


def _key(file: Path) -> bytes:
    try:
        return key_of(secret_in(file))
    except NoSecret as error:
        log.error("webhook secret: %s", error)  # noqa: TRY400  it names the file and what is wrong with it
    except ValueError as error:
        log.error("webhook secret: %s: %s", file, error)  # noqa: TRY400  the same
    raise Fault("no_credentials", "deployment")


def _target(url: str) -> Target:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Fault("misconfigured", "item") from None
    if scheme not in PORTS or not host or "@" in parts.netloc:
        raise Fault("misconfigured", "item")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or PORTS[scheme], path, "https" if scheme == "https" else "http")


def _origin(target: Target) -> str:
    return f"{target.scheme}://{target.named}"


def _look(answer: httpx.Response, now: float) -> None:
    """Raise Fault for an answer that is no success."""
    status = answer.status_code
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Fault("throttled", "retry", _wait(answer, now))
    if status in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Fault("unavailable", "retry", _wait(answer, now))
    if status < HTTPStatus.BAD_REQUEST:
        raise Fault("redirected", "deployment")
    raise Fault(REFUSALS.get(status, "refused"), "item")


def _wait(answer: httpx.Response, now: float) -> float:
    """Return the seconds that an endpoint asks to be left alone, told as a number or as a date."""
    value = answer.headers.get("retry-after", "")
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), LONGEST_WAIT)
    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - now), LONGEST_WAIT)
    except (ValueError, OverflowError):
        return 0.0


async def _drained(answer: httpx.Response) -> None:
    """Read a short body, so that the connection serves once more; one that is long, slow or cut off ends it."""
    size = 0
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(LONGEST_READ):
            async for chunk in answer.aiter_raw():
                size += len(chunk)
                if size > MOST_READ:
                    return
