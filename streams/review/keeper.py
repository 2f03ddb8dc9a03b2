"""The keeper: what nobody needs any more goes, and the whole audit log is verified, both by the clock."""

import logging
import time
from collections.abc import Callable, Mapping
from threading import Event
from typing import Final, NamedTuple

from sqlalchemy import Connection

from streams.adapters.locked_bucket import Unlocked, Unreached
from streams.metrics import Metrics
from streams.review.checkpoints import Unkept
from streams.review.health import Health
from streams.review.standing_by import Lease, standing_by
from streams.settings import Settings
from streams.store import attempts, retention, sessions
from streams.topology import DAY

PERIOD: Final = 60.0  # seconds between two rounds of retention
VERIFYING: Final = 3600.0  # seconds between two proofs of the audit log
BREATH: Final = 0.05  # seconds between two batches: others write, too

log = logging.getLogger(__name__)


class Chore(NamedTuple):
    """One kind of rows that grow old."""

    name: str
    remove: Callable[[Connection, int], int]  # a batch of what is old at a moment; returns how many rows


def chores(settings: Settings) -> tuple[Chore, ...]:
    """Return what is removed."""
    messages, items = (int(1000 * age) for age in (settings.review_retention_messages, settings.review_retention_items))
    return (
        Chore("messages", lambda writing, now: retention.old_messages(writing, now - messages)),
        Chore("outcomes", lambda writing, now: retention.stray_outcomes(writing, now - messages)),
        Chore("decisions", lambda writing, now: retention.stray_decisions(writing, now - messages)),
        Chore("items", lambda writing, now: retention.closed_items(writing, now - items)),
        Chore("sessions", lambda writing, now: sessions.swept(writing, DAY, now)),
        Chore("failed sign-ins", attempts.swept),
    )


class Keeper:
    """Removes what is old; has the audit log verified: `verified` says what is wrong with it, nothing if it holds."""

    def __init__(
        self,
        settings: Settings,
        lease: Lease,
        *,
        health: Health,
        metrics: Metrics,
        clock: Callable[[], int],
        verified: Callable[[], Mapping[str, str]],
    ) -> None:
        self._chores = chores(settings)
        self._lease = lease
        self._health = health
        self._metrics = metrics
        self._clock = clock
        self._verified = verified
        self._due = 0.0  # of the next proof, time.monotonic()

    def run(self, stop: Event) -> None:
        """Work until `stop` is set."""
        standing_by(self._lease, stop, self._health, lambda: self._keep(stop))

    def _keep(self, stop: Event) -> None:
        while not stop.is_set():
            self.round(stop)
            if time.monotonic() >= self._due:
                self.verify()
                self._due = time.monotonic() + VERIFYING
            self._health.well(self._lease.name)
            until = time.monotonic() + PERIOD
            while time.monotonic() < until and not stop.wait(self._lease.wait):
                self._lease.keep()

    def round(self, stop: Event) -> None:
        """Remove all that is old now."""
        for chore in self._chores:
            total = 0
            while not stop.is_set():
                with self._lease.database.writing() as writing:
                    self._lease.keep_in(writing)
                    gone = chore.remove(writing, self._clock())
                total += gone
                if gone < retention.LIMIT:
                    break
                stop.wait(BREATH)
            if total:
                log.info("retention: %d old %s removed", total, chore.name)

    def verify(self) -> None:
        """Have the whole audit log verified; what is wrong with it is told, and stays told."""
        try:
            wrong = self._verified()
        except (Unkept, Unlocked, Unreached) as error:
            log.warning("the audit log could not be verified: %s", error)
            return
        for chain, why in wrong.items():
            log.error("the audit log does not verify: %s: %s: see `moderation audit verify`", chain, why)
        if not wrong:
            self._metrics.audit_verified.set(self._clock() / 1000)
