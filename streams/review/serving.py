"""HTTP: an app in, served by a thread of its own, on an address that was free before anything else began."""

import socket
from threading import Event
from typing import Any, Final

import uvicorn

from streams.settings import Settings

CONFIGURATION: Final = 78  # EX_CONFIG
HEADERS: Final = 32_768  # bytes of the largest request line and headers together
IDLE: Final = 5  # seconds that a connection may say nothing
CLOSING: Final = 0.5  # share of the grace in which open answers may end


class Occupied(Exception):
    """The address cannot be listened on; one line that names the settings."""

    exit_code: Final = CONFIGURATION


def bound(settings: Settings) -> socket.socket:
    """Return a listening socket at the address of the settings; raise Occupied."""
    host, port = settings.review_host, settings.review_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise Occupied(
            f"{host}:{port} cannot be listened on ({error.strerror}): "
            "set MODERATION_REVIEW_PORT, or MODERATION_REVIEW_HOST"
        ) from None


def address_of(listening: socket.socket) -> str:
    """Return the address as a browser on this machine writes it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  the reader of this line is here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Serving:
    """Serves an ASGI app on a socket until it is stopped."""

    def __init__(self, app: Any, listening: socket.socket, settings: Settings) -> None:
        self._listening = listening
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # addresses hold ids, and searches hold texts
                server_header=False,
                lifespan="off",
                ws="none",
                h11_max_incomplete_event_size=HEADERS,
                timeout_keep_alive=IDLE,
                timeout_graceful_shutdown=max(1, int(settings.grace * CLOSING)),
                proxy_headers=bool(settings.review_proxies),
                forwarded_allow_ips=list(settings.review_proxies),
            )
        )

    def run(self, stop: Event) -> None:
        """Serve until `end` is called; an end that nobody asked for is an error."""
        self._server.run(sockets=[self._listening])
        if not stop.is_set():
            raise RuntimeError("the HTTP server ended by itself")

    def end(self) -> None:
        """Take no more requests, let answers end, then close."""
        self._server.should_exit = True
