"""Standing by: a work and a lease in; it is done here while the lease is held, else as soon as its holder is gone."""

import logging
import time
from collections.abc import Callable
from math import inf
from threading import Event
from typing import Final

from sqlalchemy import Connection

from streams.review.health import Health
from streams.store import leases
from streams.store.database import Database
from streams.store.failure import Unavailable

RENEWALS: Final = 4  # in the time after which a lease runs out
FIRST_WAIT: Final = 0.1  # seconds before another try, doubled each time
LONGEST_WAIT: Final = 5.0

log = logging.getLogger(__name__)


class Lost(Exception):
    """Another process holds the lease: what was not committed is his to do."""


class Lease:
    """One lease of one process."""

    def __init__(self, database: Database, name: str, holder: str, seconds: float, clock: Callable[[], int]) -> None:
        """Name it. `seconds` after the last renewal it runs out; `clock` gives milliseconds since 1970."""
        self.name = name
        self.database = database
        self._holder = holder
        self._seconds = seconds
        self._clock = clock
        self._renewed = -inf  # time.monotonic()

    @property
    def wait(self) -> float:
        """Return the seconds between two renewals, or between two looks whether it is free."""
        return self._seconds / RENEWALS

    def keep(self) -> None:
        """Renew it when that is due; raise Lost, or Unavailable."""
        if time.monotonic() - self._renewed >= self.wait:
            with self.database.writing() as connection:
                self.keep_in(connection)

    def keep_in(self, connection: Connection) -> None:
        """Renew it in a transaction, which then counts only if it is ours; raise Lost."""
        now, at = self._clock(), time.monotonic()
        if not leases.hold(connection, self.name, self._holder, int(self._seconds * 1000), now):
            self._renewed = -inf
            raise Lost
        self._renewed = at

    def let_go(self) -> None:
        """Give it back, so that nobody must wait for its end."""
        try:
            with self.database.writing() as connection:
                leases.let_go(connection, self.name, self._holder)
        except Unavailable as error:
            log.warning("%s: the lease runs out by itself: %s", self.name, error)


def standing_by(lease: Lease, stop: Event, health: Health, work: Callable[[], None]) -> None:
    """Do the work whenever the lease is held, until `stop` is set.

    The work returns when `stop` is set, raises Lost when it may not go on, and Unavailable when the database does not
    answer: it is then begun anew, a while later.
    """
    backing = Backing(stop)
    while not stop.is_set():
        try:
            lease.keep()
            backing.reset()
            work()
        except Lost:
            health.well(lease.name)  # somebody else does it
            stop.wait(lease.wait)
        except Unavailable as error:
            health.ill(lease.name, str(error))
            backing.wait()
    lease.let_go()


class Backing:
    """Waits between tries, longer each time; a stop ends every wait."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._next = FIRST_WAIT

    def wait(self) -> bool:
        """Wait; say whether to stop."""
        wait, self._next = self._next, min(2 * self._next, LONGEST_WAIT)
        return self._stop.wait(wait)

    def reset(self) -> None:
        """Begin anew with short waits."""
        self._next = FIRST_WAIT
