"""A proxy before one HTTP server: it forwards, and holds what a test names until the test lets it go."""

import re
import select
import socket
import threading
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

ANSWER: Final = 30.0  # seconds that the server has to answer, and a client to ask again
# What the proxy says itself, on either side.
OWN: Final = frozenset({"connection", "content-length", "date", "expect", "keep-alive", "server", "transfer-encoding"})
BODILESS: Final = frozenset({204, 304})


class Hold:
    """Requests of one method and path pattern wait here: before they are forwarded, or their answers after."""

    def __init__(self, method: str, path: str, *, answers: bool) -> None:
        """Take what the method is, what the path with its query contains, and whether the server hears of it."""
        self.answers = answers
        self._method = method
        self._path = re.compile(path)
        self._held = 0
        self._changed = threading.Condition()
        self._open = False

    def takes(self, method: str, path: str) -> bool:
        """Say whether it holds a request."""
        return method == self._method and self._path.search(path) is not None

    def wait(self) -> None:
        """Return when it is released."""
        with self._changed:
            self._held += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._open)

    def await_held(self, count: int, seconds: float = ANSWER) -> None:
        """Return when so many requests have come here; raise TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._held >= count, seconds):
                raise TimeoutError(f"{self._held} of {count} requests came")

    def release(self) -> None:
        """Let go what waits, and hold nothing any more."""
        with self._changed:
            self._open = True
            self._changed.notify_all()


class Proxy:
    """Stands before one server. A context manager: its clients are gone when it ends."""

    def __init__(self, server: str) -> None:
        """Take the server's URL."""
        self.server = urlsplit(server).netloc
        self._holds: list[Hold] = []
        self._listening = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Exchange, self))
        self._listening.daemon_threads = False  # closing waits for them
        self._thread = threading.Thread(target=self._listening.serve_forever, args=(0.05,), name="proxy")

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Release everything and stop."""
        for hold in self._holds:
            hold.release()
        self._listening.shutdown()
        self._thread.join()
        self._listening.server_close()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self._listening.server_port}"

    def hold(self, method: str, path: str, *, answers: bool = False) -> Hold:
        """Hold requests from now on; with `answers` they are carried out, and what the server says of them is held."""
        hold = Hold(method, path, answers=answers)
        self._holds.append(hold)
        return hold

    def holding(self, method: str, path: str) -> Hold | None:
        """Return what holds a request."""
        return next((hold for hold in self._holds if hold.takes(method, path)), None)


class _Exchange(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    timeout = ANSWER

    def __init__(self, proxy: Proxy, *given: object) -> None:
        self._proxy = proxy
        super().__init__(*given)  # type: ignore[arg-type]  # as the server gives it

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        hold = self._proxy.holding(self.command, self.path)
        if hold is not None and not hold.answers:
            hold.wait()
            if self._is_alone():  # whoever asked has died: so does what he asked for
                self.close_connection = True
                return
        server = HTTPConnection(self._proxy.server, timeout=ANSWER)
        try:
            server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in OWN:
                    server.putheader(name, value)
            server.putheader("Content-Length", str(len(body)))
            server.endheaders(body)
            answer = server.getresponse()
            content = answer.read()
        finally:
            server.close()
        if hold is not None and hold.answers:
            hold.wait()
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in OWN:
                self.send_header(name, value)
        if length is not None and answer.status not in BODILESS:
            self.send_header("Content-Length", length)
        try:
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # nobody is there any more
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward  # noqa: N815  as the library finds them

    def _is_alone(self) -> bool:
        """Say whether the client has gone."""
        if not select.select([self.connection], [], [], 0)[0]:
            return False
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
