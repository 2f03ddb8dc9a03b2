"""What the store holds, as metrics: open items by severity, how right rules were, what waits for Kafka."""

from collections.abc import Callable
from threading import Event
from typing import Final

from streams.metrics import Metrics
from streams.review.precision import Precisions
from streams.store.counting import counts
from streams.store.database import Database
from streams.store.failure import Unavailable
from streams.store.scope import EVERYTHING
from streams.store.sending import depth

PERIOD: Final = 10.0  # seconds between two looks
NONE: Final = "none"  # stands for no severity


class Gauges:
    """Looks into the store from time to time."""

    def __init__(self, database: Database, metrics: Metrics, clock: Callable[[], int]) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._precisions = Precisions(database, metrics, clock)

    def run(self, stop: Event) -> None:
        """Look until `stop` is set; while the database does not answer, the last values stay."""
        while not stop.is_set():
            try:
                self.look()
            except Unavailable:
                stop.wait(PERIOD)  # other parts tell of it
                continue
            stop.wait(PERIOD)

    def look(self) -> None:
        """Set the gauges."""
        with self._database.reading() as reading:
            open_items = counts(reading, EVERYTHING)
            self._metrics.review_outbox.set(depth(reading))
        now = self._clock()
        for each in open_items:
            severity = each.severity or NONE
            age = 0 if each.oldest is None else max(0, now - each.oldest)
            self._metrics.review_depth.labels(severity).set(each.open)
            self._metrics.review_age.labels(severity).set(age / 1000)
        self._precisions.look()
