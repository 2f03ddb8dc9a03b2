"""The review process: threads that take, relay and keep, and the pages, started together and stopped together.

Crash only: a part that ends ends the process, nothing is half alive. What was committed stays, all else is done anew.
"""

import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from threading import Event, Thread
from typing import Any, Final, NamedTuple

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


class Part(NamedTuple):
    """What runs in a thread of its own until the stop."""

    name: str
    run: Callable[[Event], None]


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
        self.failed: tuple[str, BaseException] | None = None
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
        self._threads = [Thread(target=self._run, args=[part], name=part.name, daemon=True) for part in parts]

    def start(self) -> None:
        """Start every part."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> bool:
        """Have every part stop, and wait for them; say whether all did within the grace."""
        self.stopping.set()
        self._relay.wake()
        self._serving.end()
        until = time.monotonic() + self._grace
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        slow = [thread.name for thread in self._threads if thread.is_alive()]
        if slow:
            log.warning("cut off after %.0f s: %s", self._grace, ", ".join(slow))
        return not slow

    def _run(self, part: Part) -> None:
        try:
            part.run(self.stopping)
            if not self.stopping.is_set():
                raise RuntimeError(f"{part.name} ended by itself")  # noqa: TRY301  handled as any other end
        except BaseException as error:  # noqa: BLE001  crash only: whoever waits ends the process
            self.failed = self.failed or (part.name, error)
            self.stopping.set()


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
