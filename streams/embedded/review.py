"""The review service of a demonstration: a process with a store in a folder; where it is, and who can sign in."""

import http.client
import importlib.util
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from streams.embedded.processes import LOOPBACK, Child, free_ports, is_free

PORT: Final = 8088  # where people look for it
START_SECONDS: Final = 90.0  # three on a quiet machine
SIGN_IN: Final = re.compile(r"^review: sign in as (\S+) with the password (\S+)", re.MULTILINE)


class SignIn(NamedTuple):
    """The account that was made at the start."""

    account: str
    password: str


def installed() -> bool:
    """Say whether the packages of the review service are there."""
    return all(importlib.util.find_spec(name) is not None for name in ("fastapi", "sqlalchemy", "uvicorn"))


class Review:
    """A review service on loopback; its folder holds store, key and log, and is whoever's who names it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = PORT if is_free(PORT) else free_ports(1)[0]
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Return where the pages are."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of commands that talk to it, or to its store."""
        return {
            "MODERATION_REVIEW_URL": self.address,
            "MODERATION_REVIEW_DATABASE": f"sqlite:///{self._folder / 'review.db'}",
            "MODERATION_REVIEW_AUDIT_KEY": str(self._folder / "audit.key"),
            "MODERATION_REVIEW_CHECKPOINTS": str(self._folder / "audit.jsonl"),
        }

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it with the settings of the stream; return when it is ready. Raises SetUpError."""
        own = {**environment, **self.environment, "MODERATION_REVIEW_PORT": str(self._port)}
        command = [sys.executable, "-m", "streams", "review", "serve"]
        self._child = Child(command, self._folder / "review.log", own)
        self._child.await_answer("the review service", self._answers, START_SECONDS)

    @property
    def sign_in(self) -> SignIn | None:
        """Return who can sign in; None before it is told."""
        log = self._folder / "review.log"
        told = SIGN_IN.search(log.read_text("utf-8", errors="replace")) if log.is_file() else None
        return None if told is None else SignIn(*told.groups())

    @property
    def ended(self) -> str | None:
        """Return code and last words of a process that has ended."""
        if self._child is None or self._child.ended is None:
            return None
        return f"{self._child.ended}: {self._child.last_words()}"

    def stop(self, grace: float) -> None:
        """End it; nothing happens where it does not run."""
        child, self._child = self._child, None
        if child is not None:
            child.stop(grace)

    def _answers(self, seconds: float) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=min(seconds, 5.0))
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
