"""What rulings say of rules, as metrics."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from sqlalchemy import func, select

from streams.metrics import Metrics
from streams.store.database import Database
from streams.store.precision import counted
from streams.store.tables import ruling

# Milliseconds. All rulings are counted, which takes seconds where there are some hundred thousand of them.
SOONEST: Final = 60_000  # after the last time, when a person has ruled since
LATEST: Final = 3_600_000  # after the last time: items go with age


class Precisions:
    """Sets `moderation_rule_precision` and `moderation_rule_rulings` to what the store holds."""

    def __init__(self, database: Database, metrics: Metrics, clock: Callable[[], int]) -> None:
        """Take a clock of milliseconds since 1970."""
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._told: int | None = None  # when
        self._newest: int | None = None  # ruling that was counted

    def look(self) -> None:
        """Count anew where that may change something. Raises Unavailable."""
        now = self._clock()
        if self._told is not None and now < self._told + SOONEST:
            return
        with self._database.reading() as reading:
            newest = reading.execute(select(func.max(ruling.c.at))).scalar()
            if self._told is not None and newest == self._newest and now < self._told + LATEST:
                return
            found = counted(reading)
        self._told, self._newest = now, newest
        rulings: Counter[tuple[str, str, str]] = Counter()
        confirmed: Counter[tuple[str, str, str]] = Counter()
        for each in found:
            rulings[each[:3]] += each.confirmed + each.overruled
            confirmed[each[:3]] += each.confirmed
        # Rules that nothing is known of any more are told no more.
        self._metrics.rule_rulings.clear()
        self._metrics.rule_precision.clear()
        for name, total in rulings.items():
            self._metrics.rule_rulings.labels(*name, "confirmed").set(confirmed[name])
            self._metrics.rule_rulings.labels(*name, "overruled").set(total - confirmed[name])
            self._metrics.rule_precision.labels(*name).set(confirmed[name] / total)
