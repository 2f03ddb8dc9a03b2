"""Amazon's JSON protocols on loopback: handlers by X-Amz-Target, scripted faults, and a log of every call.

A service is a mapping of targets to handlers, in a file of its own; an operation that nobody handles fails the test.
"""

import base64
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.unit.adapters.endpoint import Endpoint, Reply, Request, aws_error, told

JSON: Final = frozenset({"application/x-amz-json-1.0", "application/x-amz-json-1.1"})
OK: Final = 200


@dataclass(frozen=True)
class Said:
    """What a handler answers: a JSON value or an error, and what a bill would name."""

    reply: Reply
    subject: str = ""  # SHA-256 of a picture, id of a job


Handler = Callable[[dict[str, Any]], Said]


class Refusal(Exception):
    """An error that a handler answers with, by its code."""

    def __init__(self, code: str, status: int = 400, subject: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.subject = code, status, subject


@dataclass(frozen=True)
class Call:
    """One request that reached a service."""

    operation: str  # without the service's name
    request: dict[str, Any]
    subject: str
    status: int  # of the reply; 0 where the connection ended without one

    @property
    def billed(self) -> bool:
        """Say whether the service did its work: an answer that was lost or garbled on its way is paid for, too."""
        return self.status in {0, OK}


def said(value: Mapping[str, Any], subject: str = "") -> Said:
    """Return an answer with a JSON body."""
    return Said(told(value), subject)


def given_bytes(value: Any) -> bytes:
    """Return what a member of type blob holds; raise Refusal for anything but base64."""
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        raise Refusal("SerializationException") from None


class Aws(Endpoint):
    """Services behind one address. The scripted faults come first, each in place of an answer; then the handlers."""

    def __init__(self, *services: Mapping[str, Handler]) -> None:
        super().__init__()
        self._handlers = {target: handler for service in services for target, handler in service.items()}
        self._faults: deque[tuple[str, Reply]] = deque()
        self._log: list[Call] = []
        self._lock = threading.Lock()  # tests look from another thread
        self.unknown: list[str] = []  # targets that nobody handles

    async def __aexit__(self, *given: object) -> None:
        """Close; raise AssertionError where an unknown operation was asked for."""
        await super().__aexit__(*given)
        assert not self.unknown, f"nobody handles {self.unknown}"

    def fail(self, reply: Reply, times: int = 1, operation: str = "") -> None:
        """Give a reply instead of the next answers, of one operation or of any."""
        with self._lock:
            self._faults.extend([(operation, reply)] * times)

    def throttle(self, times: int, operation: str = "") -> None:
        """Throttle the next calls."""
        self.fail(aws_error("ThrottlingException", 400), times, operation)

    @property
    def calls(self) -> list[Call]:
        """Return what was asked so far, in order."""
        with self._lock:
            return list(self._log)

    def billed(self, operation: str) -> Counter[str]:
        """Return how often an operation is paid for, by what it was about."""
        return Counter(call.subject for call in self.calls if call.billed and call.operation == operation)

    def reply(self, request: Request) -> Reply:
        """Return the answer of the operation that a request names."""
        target = request.headers.get("x-amz-target", "")
        operation = target.rpartition(".")[2]
        if request.headers.get("content-type") not in JSON:
            return Reply(b"", 415)
        try:
            answer = self._answer(target, request)
        except Refusal as refusal:
            answer = Said(aws_error(refusal.code, refusal.status), refusal.subject)
        with self._lock:
            reply = self._fault(operation) or answer.reply
            status = 0 if reply.silent or reply.dropped or reply.reset else reply.status
            self._log.append(Call(operation, request.json, answer.subject, status))
        return reply

    def _answer(self, target: str, request: Request) -> Said:
        if "authorization" not in request.headers:
            raise Refusal("MissingAuthenticationTokenException")
        if target not in self._handlers:
            self.unknown.append(target)
            raise Refusal("UnknownOperationException")
        return self._handlers[target](request.json)

    def _fault(self, operation: str) -> Reply | None:
        for index, (named, reply) in enumerate(self._faults):
            if named in {"", operation}:
                del self._faults[index]
                return reply
        return None
