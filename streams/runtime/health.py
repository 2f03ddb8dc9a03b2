"""Health and metrics over HTTP: /healthz (the loop moves), /readyz (partitions restored), /metrics."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest

REQUEST: Final = 5.0  # seconds to send one request
REQUEST_BYTES: Final = 8192
TEXT: Final = "text/plain; charset=utf-8"
EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


class Health:
    """A small HTTP server on the worker's own loop: it answers only while the loop moves."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry, ready: Callable[[], bool]) -> None:
        self._host = host
        self._port = port  # 0 for a free one
        self._registry = registry
        self._ready = ready
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; return the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=REQUEST_BYTES)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST):
                request = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
                status, kind, body = self._answer(request[1] if len(request) > 1 and request[0] == b"GET" else b"")
                head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\n"
                writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            log.debug("a client of the health port sent no request")
        finally:
            writer.close()

    def _answer(self, path: bytes) -> tuple[HTTPStatus, str, bytes]:
        match path:
            case b"/healthz":
                return HTTPStatus.OK, TEXT, b"ok\n"
            case b"/readyz":
                return (HTTPStatus.OK, TEXT, b"ready\n") if self._ready() else _not_ready()
            case b"/metrics":
                return HTTPStatus.OK, EXPOSITION, generate_latest(self._registry)
            case _:
                return HTTPStatus.NOT_FOUND, TEXT, b"/healthz, /readyz or /metrics\n"


def _not_ready() -> tuple[HTTPStatus, str, bytes]:
    return HTTPStatus.SERVICE_UNAVAILABLE, TEXT, b"not ready\n"
