"""The review process: threads that take, relay and keep, and the pages, started together and stopped together.

A part that ends, ends the process: what was committed stays, all else is done anew.
"""

import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from threading import Event
from typing import Any, Final

from streams.adapters.registry import Registry
from streams.metrics import Metrics
from streams.review.following import Following
from streams.review.gauges import Gauges
from streams.review.health import Health
from streams.review.keeper import Keeper
from streams.review.relay import Relay
from streams.review.serving import Serving
from streams.review.standing_by import Lease
from streams.review.taker import Taker
from streams.review.threads import Part, Threads
from streams.runtime.crash import CRASHED, described, die
from streams.settings import Settings
from streams.store.database import Database
from streams.store.taking import take

log = logging.getLogger(__name__)

KAFKA: Final = "kafka"  # lease of who takes
RELAY: Final = "relay"
KEEPER: Final = "keeper"


def milliseconds() -> int:
    """Return the time, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Running:
    """What the pages, and other parts, are built from."""

    settings: Settings
    database: Database
    metrics: Metrics
    health: Health
    following: Following
    wake: Callable[[], None]  # after a commit: something lies in the outbox
    stopping: Event
    lease: Callable[[str], Lease]  # by its name
    clock: Callable[[], int] = milliseconds


class Process:
    """All parts of one review process. `app_of` builds what is served, `others` more parts."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        app_of: Callable[[Running], Any],
        listening: socket.socket,
        verified: Callable[[], Mapping[str, str]],
        others: Callable[[Running], Sequence[Part]] = lambda _: (),
        registry: Registry | None = None,
        clock: Callable[[], int] = milliseconds,
    ) -> None:
        """Put the parts together; nothing runs yet. Raises Misread where the policy's file does not hold."""
        self.stopping = Event()
        holder = f"review-{token_hex(8)}"
        self._grace = settings.grace
        health, metrics = Health((KAFKA, RELAY, KEEPER)), Metrics()

        def lease(name: str) -> Lease:
            return Lease(database, name, holder, settings.review_lease, clock)

        following = Following(settings)
        told: Any = {"health": health, "metrics": metrics}
        self._relay = Relay(settings, lease(RELAY), registry=registry, **told)
        self.running = Running(
            settings, database, metrics, health, following, self._relay.wake, self.stopping, lease, clock
        )
        self._serving = Serving(app_of(self.running), listening, settings)
        parts = [
            Part("taker", Taker(settings, lease(KAFKA), take, clock=clock, registry=registry, **told).run),
            Part("relay", self._relay.run),
            Part("keeper", Keeper(settings, lease(KEEPER), clock=clock, verified=verified, **told).run),
            Part("policies", following.run),
            Part("gauges", Gauges(database, metrics, clock).run),
            *others(self.running),
            Part("http", self._serving.run),
        ]
        self._threads = Threads(parts, self.stopping)

    @property
    def failed(self) -> tuple[str, BaseException] | None:
        """Return the part that ended by itself, and why."""
        return self._threads.failed

    def start(self) -> None:
        """Start every part."""
        self._threads.start()

    def stop(self) -> None:
        """Have every part stop, and wait for them as long as the grace."""
        self.stopping.set()
        self._relay.wake()
        self._serving.end()
        self._threads.join(self._grace)


def run(process: Process) -> None:
    """Run a process until SIGINT or SIGTERM; it ends here when a part does, with the code of its error, else 70."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.stopping.set())
    process.start()
    process.stopping.wait()
    if process.failed is not None:
        name, error = process.failed
        die(f"{name}: {described(error)}", getattr(error, "exit_code", CRASHED))
    log.info("review: stopping")
    process.stop()
    log.info("review: stopped")
    logging.shutdown()
    sys.stdout.flush()
