"""What one fetch of Kafka brought in, a batch for the store out; what cannot be read is counted and passed over.

Whatever is malformed on a source topic has its dead letter from the worker that reads it, too.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from streams.adapters.registry import Registry
from streams.adapters.wire import Reader, Rejected
from streams.core.content import Message, Upload
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.restriction import Standing
from streams.metrics import Metrics
from streams.settings import Settings
from streams.store.batch import Batch, Place, Read, UserStanding
from streams.topology import STANDINGS

# Topic without the prefix -> its record.
RECORDS: Final[Mapping[str, type[Any]]] = {
    "actions": Decision,
    "messages": Message,
    "uploads": Upload,
    "outcomes": Outcome,
    STANDINGS: Standing,
}

log = logging.getLogger(__name__)


class Fetched(Protocol):
    """A record as the client has it."""

    def topic(self) -> str | None:
        """Return its topic, with the prefix."""

    def partition(self) -> int | None:
        """Return its partition."""

    def offset(self) -> int | None:
        """Return its offset."""

    def timestamp(self) -> tuple[int, int]:
        """Return the kind of its time, and the time in milliseconds since 1970."""

    def key(self) -> bytes | None:
        """Return its key."""

    def value(self) -> bytes | None:
        """Return its value."""

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        """Return its headers."""


class Decoding:
    """Decodes records of `RECORDS`' topics; a registry where some are in Confluent framing."""

    def __init__(self, settings: Settings, metrics: Metrics, registry: Registry | None = None) -> None:
        self._prefix = len(settings.topic_prefix)
        self._metrics = metrics
        self._framed = registry is not None
        self._readers: dict[str, Reader[Any]] = {
            topic: Reader(record, limit=settings.record_limit, registry=registry) for topic, record in RECORDS.items()
        }

    def batch(self, fetched: Iterable[Fetched]) -> Batch:
        """Return what can be read, and the next offset of every partition.

        Raises UnknownSchema when the registry must be asked first; nothing is counted then.
        """
        read: dict[str, list[Read[Any]]] = {topic: [] for topic in RECORDS}
        positions: dict[Place, int] = {}
        rejected: list[tuple[str, int, int, str]] = []
        for each in fetched:
            topic = (each.topic() or "")[self._prefix :]
            partition, offset = each.partition() or 0, each.offset() or 0
            try:
                record = self._record(topic, each)
            except Rejected as why:
                rejected.append((topic, partition, offset, why.error))
            else:
                read[topic].append(Read(record, topic, partition, offset, each.timestamp()[1]))
            positions[topic, partition] = offset + 1
        for topic, partition, offset, reason in rejected:
            log.warning("passed over what cannot be read: %s, partition %d, offset %d", topic, partition, offset)
            self._metrics.review_skipped.labels(topic, reason).inc()
        for topic, records in read.items():
            self._metrics.review_taken.labels(topic).inc(len(records))
        return Batch(read["actions"], read["messages"], read["uploads"], read["outcomes"], read[STANDINGS], positions)

    def _record(self, topic: str, fetched: Fetched) -> Any:
        value = fetched.value()
        if topic == STANDINGS:
            user_id = _user_id(fetched.key())
            return UserStanding(user_id, None if value is None else self._read(topic, value, fetched))
        return self._read(topic, value, fetched)

    def _read(self, topic: str, value: bytes | None, fetched: Fetched) -> Any:
        return self._readers[topic].read(value, fetched.headers() if self._framed else ())


def _user_id(key: bytes | None) -> str:
    try:
        return (key or b"").decode()
    except UnicodeDecodeError:
        raise Rejected("invalid_utf8") from None
