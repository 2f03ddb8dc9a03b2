"""The headers of every answer, errors included, and a request's body: bounded before anything reads it."""

import asyncio
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.web.parts import Parts
from streams.web.problems import Problem

DRAINED: Final = 16 << 20  # bytes of a body that is too large: who still sends it would not read the answer
YEAR_S: Final = 31_536_000
FEATURES: Final = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "payment",
    "usb",
)


def headers_of(parts: Parts) -> dict[str, str]:
    """Return what every answer says unless its route says it otherwise."""
    pictures = "'self'" if parts.media_origin is None else f"'self' {parts.media_origin}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {pictures}; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
        "Cache-Control": "no-store",
    }
    if parts.secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"
    return headers


class Headers:
    """Puts the headers on every answer of the app."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, told)


class Body:
    """Reads a request's body whole before the app does: at most so many bytes, within so many milliseconds."""

    def __init__(self, app: ASGIApp, limit: int, time_ms: int) -> None:
        self._app, self._limit, self._time = app, limit, time_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; raise Problem 413 for a body that is too large, 408 for one that does not come."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._time):
                body = await self._read(receive)
        except TimeoutError:
            raise Problem(408, "The request's body did not come in time: send it again.") from None
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    async def _read(self, receive: Receive) -> bytes:
        kept = bytearray()
        length, more = 0, True
        while more and length <= DRAINED:
            message = await receive()
            if message["type"] != "http.request":  # the client went away: nobody reads an answer
                break
            part = message.get("body", b"")
            length += len(part)
            if length <= self._limit:
                kept += part
            more = message.get("more_body", False)
        if length > self._limit:
            raise Problem(413, f"A request's body has at most {self._limit >> 10} KB: send less.")
        return bytes(kept)
