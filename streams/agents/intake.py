"""Intake: raw records of a topic in, typed ones out; what cannot be read is a dead letter in the same transaction."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from streams.adapters.headers import dead_letter_headers
from streams.adapters.registry import Registry
from streams.adapters.rejected import Rejected, UnknownSchema
from streams.adapters.wire import Reader
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.flow import Poisoned
from streams.runtime.unit import Unit

T = TypeVar("T")

LATEST: Final = 253_402_300_799_999  # milliseconds since 1970: the end of year 9999, which ISO 8601 can still say

RECENT: Final = 1000  # records over which the share of bad ones is taken
REGISTRY: Final = 30.0  # seconds for the registry to answer; then the worker ends and starts again


class Intake(Generic[T]):
    """Reads one topic. Raises Poisoned when most of the recent records were bad."""

    def __init__(
        self,
        reader: Reader[T],
        *,
        topic: str,
        dead_letters: str,
        share: float,
        metrics: Metrics,
        needs_key: bool = True,
        registry: Registry | None = None,
    ) -> None:
        self._reader = reader
        self._topic = topic
        self._dead_letters = dead_letters
        self._share = share  # of bad records at which the worker stops, 0..1
        self._metrics = metrics
        self._needs_key = needs_key
        self._registry = registry
        self._recent: deque[bool] = deque(maxlen=RECENT)  # whether each was bad

    async def read(self, records: Sequence[Record], unit: Unit) -> list[tuple[T, Record]]:
        """Return what can be read, in order; put the rest into the unit's dead letters."""
        read, result = self._reader.read, []
        bad = 0
        for record in records:
            value: T | None
            try:
                value = None if self._keyless(record, unit) else read(record.value, record.headers)
            except UnknownSchema as unknown:
                value = await self._asked(record, unknown, unit)
            except Rejected as rejected:
                self.reject(record, rejected, unit)
                value = None
            if value is None:
                bad += 1
            else:
                result.append((value, record))
        if bad:
            self._recent.extend([True] * bad)
        self._recent.extend([False] * len(result))
        if bad and len(self._recent) == RECENT and sum(self._recent) > self._share * RECENT:
            raise Poisoned(
                f"{sum(self._recent)} of the last {RECENT} records of {self._topic} cannot be read: "
                f"look at {self._dead_letters}, mend the producer, start again"
            )
        return result

    def reject(self, record: Record, why: Rejected, unit: Unit) -> None:
        """Put one record into the dead letters as it was read, with the reason in its headers."""
        headers = dead_letter_headers(
            why,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp=record.timestamp,
            headers=record.headers,
        )
        unit.emit_here(self._dead_letters, record.key, record.value, headers)
        self._metrics.dead_letters.labels(self._topic, why.error).inc()

    def _keyless(self, record: Record, unit: Unit) -> bool:
        """Reject a record whose key is missing: nothing would keep its conversation in one partition."""
        if not self._needs_key or record.key is not None or record.value is None:
            return False
        self.reject(record, Rejected("null_key"), unit)
        return True

    async def _asked(self, record: Record, unknown: UnknownSchema, unit: Unit) -> T | None:
        """Ask the registry for the schema, then read the record; a registry that is down ends the process."""
        if self._registry is None:
            self.reject(record, Rejected("no_registry"), unit)
            return None
        await asyncio.wait_for(self._registry.fetch(unknown.schema_id), REGISTRY)
        try:
            return self._reader.read(record.value, record.headers)
        except Rejected as rejected:
            self.reject(record, rejected, unit)
            return None


def arrived(record: Record, now: int) -> int:
    """Return the time of a record in the log, milliseconds since 1970; now where its producer gave none that can be."""
    return record.timestamp if 0 <= record.timestamp <= LATEST else now
