"""The relay: rows of the outbox in, records on Kafka out, in order; a row goes when the brokers have its record.

A record may be sent twice where the process ends between the two: its id is the same, and readers take it once.
"""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from threading import Event
from typing import Any, Final

import msgspec
from confluent_kafka import KafkaError, Message, Producer

from streams.adapters.headers import CloudHeaders
from streams.adapters.kafka import connection
from streams.adapters.registry import Registry
from streams.adapters.schemas import RECORDS, shipped
from streams.adapters.wire import Writer
from streams.core.moment import iso
from streams.core.ruling import Ruling
from streams.metrics import Metrics, category
from streams.review.health import Health
from streams.review.standing_by import Backing, Lease, Lost, standing_by
from streams.runtime.partitioner import partition_of
from streams.settings import Settings
from streams.store.sending import Unsent, sent, waiting
from streams.topology import full_name

SOURCE: Final = "/moderation-streams/review"
WRITTEN: Final = ("ruling", "standing_order")
BATCH: Final = 500  # records on their way at once
LOOK: Final = 0.2  # seconds between two looks into the outbox; acts of this process wake the relay at once
ANSWER: Final = 5.0  # seconds without an acknowledgement until the brokers count as away
FAREWELL: Final = 2.0  # seconds for acknowledgements when it is told to stop


class Refused(Exception):
    """The brokers refuse a record for good; the text names topic, id and reason."""


log = logging.getLogger(__name__)


class Relay:
    """Sends what lies in the outbox. `registry` is prepared for `WRITTEN` where the wire form asks for it."""

    def __init__(
        self,
        settings: Settings,
        lease: Lease,
        *,
        health: Health,
        metrics: Metrics,
        registry: Registry | None = None,
        producer: Callable[[Mapping[str, Any]], Producer] = Producer,
    ) -> None:
        self._settings = settings
        self._lease = lease
        self._health = health
        self._metrics = metrics
        self._made = producer
        self._producer: Producer | None = None
        self._write = {name: Writer(settings.wire, name, registry).write for name in WRITTEN}
        self._headers = {
            name: CloudHeaders(name, source=SOURCE, form=settings.wire, version=max(shipped(name))) for name in WRITTEN
        }
        self._awake = Event()
        self._on_way: dict[int, Unsent] = {}  # by id: the producer has them
        self._delivered: list[int] = []  # ids of those of them that the brokers have
        self._refused: tuple[Unsent, KafkaError] | None = None
        self._heard = 0.0  # time.monotonic() of the last acknowledgement, or since when one is waited for

    def wake(self) -> None:
        """Look into the outbox now: something was committed."""
        self._awake.set()

    def run(self, stop: Event) -> None:
        """Send until `stop` is set; whoever sets it wakes the relay, too."""
        try:
            standing_by(self._lease, stop, self._health, lambda: self._relay(stop))
        finally:
            self._drop()

    def _relay(self, stop: Event) -> None:
        backing = Backing(stop)
        while not stop.is_set():
            self._awake.clear()
            try:
                self._lease.keep()
                self._settle()
                self._send()
                self._hear()
            except Refused as error:
                self._health.ill(self._lease.name, str(error))
                self._drop()
                backing.wait()
            except Lost:
                self._drop()  # whoever holds the lease sends them
                raise
            else:
                backing.reset()
        if self._producer is not None:
            self._producer.flush(FAREWELL)
            self._settle()

    def _send(self) -> None:
        """Hand what lies in the outbox to the producer."""
        with self._lease.database.reading() as reading:
            rows = waiting(reading, BATCH)
        if not self._on_way:
            self._heard = time.monotonic()
        for row in rows:
            if row.id in self._on_way:
                continue
            if self._producer is None:
                self._producer = self._made(options(self._settings))
            self._producer.produce(
                full_name(self._settings.topic_prefix, row.topic),
                self._encoded(row),
                row.key,
                partition_of(row.key, self._settings.partitions),
                headers=self._headers[row.record](row.name, row.subject, iso(row.at)),
                on_delivery=partial(self._told, row),
            )
            self._on_way[row.id] = row

    def _hear(self) -> None:
        """Wait for acknowledgements, or for something to send; raise Refused."""
        if self._producer is None or not self._on_way:
            self._health.well(self._lease.name)
            self._awake.wait(LOOK)
            return
        self._producer.poll(LOOK)
        if self._refused is not None:
            row, error = self._refused
            raise Refused(f"Kafka refuses {row.name} on {row.topic}: {error.name()}")
        if self._delivered:
            self._heard = time.monotonic()
            self._health.well(self._lease.name)
        elif time.monotonic() - self._heard > ANSWER:
            self._health.ill(self._lease.name, "Kafka does not acknowledge")

    def _encoded(self, row: Unsent) -> bytes:
        if self._settings.wire == "json":
            return row.value
        return self._write[row.record](msgspec.json.decode(row.value, type=RECORDS[row.record]))

    def _told(self, row: Unsent, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self._delivered.append(row.id)
        elif self._refused is None:
            self._refused = row, error

    def _settle(self) -> None:
        """Remove the rows whose records the brokers have; raise Unavailable, and it is tried again."""
        if not self._delivered:
            return
        with self._lease.database.writing() as writing:
            sent(writing, self._delivered)
        for number in self._delivered:
            row = self._on_way.pop(number)
            if row.record == "ruling":
                ruling = msgspec.json.decode(row.value, type=Ruling)
                self._metrics.rulings.labels(category(ruling.decision.labels), ruling.act).inc()
        self._delivered.clear()

    def _drop(self) -> None:
        """Forget what is on its way: its rows are still there."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            producer.flush(LOOK)
        self._refused = None
        self._on_way.clear()
        self._delivered.clear()


def options(settings: Settings) -> dict[str, Any]:
    """Return the producer's: no record is lost, doubled by a retry or put before an older one of its partition."""
    return connection(settings) | {
        "enable.idempotence": True,
        "acks": "all",
        "linger.ms": 0,
        "delivery.timeout.ms": 0,  # tried until the brokers have it, or refuse it
        "client.id": "moderation-review",
    }
