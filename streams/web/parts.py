"""What the app is built from: everything outside of it, passed in."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Annotated, Final, cast

from fastapi import Depends
from starlette.requests import Request

from streams.core.review_rules import by_default
from streams.metrics import Metrics
from streams.review.media import MediaReader
from streams.store.acting import Rules
from streams.store.counting import Tally
from streams.store.database import Database
from streams.store.passwords import Passwords
from streams.web.oidc import Issuer
from streams.web.problems import Problem


def _nothing() -> None:
    return None


def _ready() -> bool:
    return True


def _on() -> bool:
    return False


HASHING: Final = 2  # passwords that are looked at side by side: each takes 64 MiB
HASHING_WAIT_S: Final = 5.0


@dataclass(frozen=True)
class Limits:
    """Times in milliseconds, sizes in bytes, counts."""

    session_idle: int = 30 * 60_000
    session_longest: int = 12 * 3_600_000
    body: int = 64 << 10
    body_time: int = 10_000  # to send a request's body
    listeners: int = 500  # of events, per process
    listeners_of_one: int = 10  # per account
    poll: int = 200  # between two looks for what changed, while anybody listens
    heartbeat: int = 15_000  # between two signs of life to a listener
    stream: int = 900_000  # of events, then a browser comes again
    claim: int = 300_000  # for which an item is claimed


@dataclass(frozen=True)
class Parts:
    """Values and ports. `origin` is how browsers see the app: https://review.example.org, without a path."""

    database: Database
    clock: Callable[[], int]  # milliseconds since 1970
    origin: str
    metrics: Metrics
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)  # signs cookies
    media: MediaReader | None = None
    media_origin: str | None = None  # where pictures are served, if elsewhere
    ready: Callable[[], bool] = _ready
    stopping: Callable[[], bool] = _on  # the process is about to end: what is open for long ends
    wake: Callable[[], None] = _nothing  # something lies in the outbox
    review_rules: Rules = by_default  # of a policy, by its id
    issuer: Issuer | None = None  # of OIDC, who vouches for people
    passwords: Passwords = field(default_factory=Passwords, repr=False)
    limits: Limits = Limits()
    tally: Tally = field(default_factory=Tally, repr=False)
    hashing: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(HASHING), repr=False)

    @property
    def secure(self) -> bool:
        """Say whether browsers come by https: cookies are for it alone then."""
        return self.origin.startswith("https://")

    def right(self, kept: str | None, password: str) -> bool:
        """Say whether a password is right, a few at a time; raise Problem 503 where too many wait."""
        if not self.hashing.acquire(timeout=HASHING_WAIT_S):
            raise Problem(503, "Too many sign in right now: try again.", headers={"Retry-After": "5"})
        try:
            return self.passwords.right(kept, password)
        finally:
            self.hashing.release()


def parts(request: Request) -> Parts:
    """Return what the app was built from."""
    return cast("Parts", request.app.state.parts)


Given = Annotated[Parts, Depends(parts)]
