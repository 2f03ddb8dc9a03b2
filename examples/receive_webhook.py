"""Receive decisions by webhook: python receive_webhook.py SECRET_FILE [PORT]. Nothing but the standard library.

Copy `verified`; the rest shows what to answer: 204 when it was taken, 4xx to have it dropped, 5xx to have it again.
"""

import base64
import contextlib
import hmac
import json
import re
import sys
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

TOLERANCE = 300  # seconds that a request may be old, or ahead: it is no replay
LARGEST = 4 << 20  # bytes


def verified(secrets: Sequence[str], webhook_id: str, timestamp: str, signatures: str, body: bytes, now: float) -> bool:
    """Say whether a body is as it was signed with one of the secrets, `whsec_...`, and lately: before it is parsed."""
    if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(now - int(timestamp)) > TOLERANCE:
        return False
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    expected = [b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    return any(hmac.compare_digest(given.encode(), one) for given in signatures.split() for one in expected)


class Handler(BaseHTTPRequestHandler):
    """Takes decisions."""

    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds for a request
    secrets: Sequence[str] = ()
    seen: ClassVar[set[str]] = set()  # better kept with whatever a decision changes: in your database

    def do_POST(self) -> None:
        """Verify, handle once, answer."""
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            return self.answered(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        told = [self.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")]
        if not verified(self.secrets, told[0], told[1], told[2], body, time.time()):
            return self.answered(HTTPStatus.UNAUTHORIZED)
        decision = json.loads(body)["data"]
        if decision["decision_id"] not in self.seen:  # a request may come more than once
            self.seen.add(decision["decision_id"])
            print(json.dumps({"content_id": decision["content_id"], "action": decision["action"]}), flush=True)
        return self.answered(HTTPStatus.NO_CONTENT)

    def answered(self, status: HTTPStatus) -> None:
        """Answer without a body; where one of the request was not read, the connection ends."""
        self.close_connection = status != HTTPStatus.NO_CONTENT
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing: addresses and sizes tell of people."""


def main(secret_file: str, port: str = "8090") -> None:
    """Serve until Ctrl-C; the file holds a secret a line, the second one while the first is being replaced."""
    Handler.secrets = Path(secret_file).read_text("ascii").split()
    with ThreadingHTTPServer(("127.0.0.1", int(port)), Handler) as server:
        print(f"listening on {server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*sys.argv[1:3])
