"""The taker: committed records of Kafka in, rows of the store out, with the place in the log in the same transaction.

It reads without a group: where to go on stands in the store, so that rows and place cannot tell different stories.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from sqlalchemy import Connection

from streams.adapters.kafka import connection
from streams.adapters.log import ANSWER, SILENCE, UNAVAILABLE, LogError, failure, partitions
from streams.adapters.registry import Registry, RegistryUnavailable
from streams.adapters.wire import UnknownSchema
from streams.metrics import Metrics
from streams.review.decoding import RECORDS, Decoding
from streams.review.health import Health
from streams.review.standing_by import Backing, Lease, standing_by
from streams.settings import Settings
from streams.store.batch import Batch, Place
from streams.store.failure import Unavailable
from streams.store.positions import forget, positions
from streams.topology import full_name

BATCH: Final = 2_000  # records of one transaction
FETCHED: Final = 16_384  # KiB that the client holds at most before they are taken
WAIT: Final = 0.2  # seconds for the next record, then a stop is heard
LOOK: Final = 5.0  # seconds between two looks at the lag, and whether anybody answers
PROBE: Final = 1.0  # seconds that the brokers have for an answer where they were silent, and between two questions

Take = Callable[[Connection, Batch, int], object]

log = logging.getLogger(__name__)


class Taker:
    """Takes what Kafka brings into the store; `take` applies one batch in a transaction (store/taking)."""

    def __init__(
        self,
        settings: Settings,
        lease: Lease,
        take: Take,
        *,
        health: Health,
        metrics: Metrics,
        clock: Callable[[], int],
        registry: Registry | None = None,
    ) -> None:
        self._settings = settings
        self._lease = lease
        self._take = take
        self._health = health
        self._metrics = metrics
        self._clock = clock
        self._registry = registry
        self._decoding = Decoding(settings, metrics, registry)
        self._reached: dict[Place, int] = {}  # the next offset
        self._newest: dict[str, int] = {}  # topic -> time of the last record that was taken
        self._looked = 0.0  # time.monotonic()
        self._silent = False

    def run(self, stop: Event) -> None:
        """Take until `stop` is set; raise LogError where Kafka refuses for good."""
        standing_by(self._lease, stop, self._health, lambda: self._taking(stop))

    def _taking(self, stop: Event) -> None:
        consumer = Consumer(self._options())
        try:
            if not self._assigned(consumer, stop):
                return
            self._silent = False
            self._health.well(self._lease.name)
            while not stop.is_set():
                records = self._fetched(consumer)
                if records:
                    self._stored(records, stop)
                else:
                    self._lease.keep()
                self._look(consumer)
        finally:
            consumer.close()

    def _options(self) -> dict[str, Any]:
        return connection(self._settings) | {
            "group.id": "moderation-review",  # asked for by the library, never joined
            "client.id": "moderation-review",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,  # tells how far the log is read behind the ends of transactions
            "isolation.level": "read_committed",
            "allow.auto.create.topics": False,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 50,
            "queued.max.messages.kbytes": FETCHED,
            "error_cb": self._complained,
        }

    def _assigned(self, consumer: Consumer, stop: Event) -> bool:
        """Have all partitions read from where the store stands, new ones from the beginning; return False at a stop."""
        with self._lease.database.reading() as reading:
            known = positions(reading)
        backing = Backing(stop)
        while not stop.is_set():
            try:
                places = [
                    (topic, number)
                    for topic in RECORDS
                    for number in partitions(consumer, self._settings, self._full(topic))
                ]
            except LogError as error:
                if error.exit_code != UNAVAILABLE:
                    raise
                self._health.ill(self._lease.name, str(error))
                self._lease.keep()
                backing.wait()
            else:
                consumer.assign([self._at(place, known.get(place, OFFSET_BEGINNING)) for place in places])
                self._reached = {place: known.get(place, 0) for place in places}
                return True
        return False

    def _fetched(self, consumer: Consumer) -> list[Message]:
        """Wait a moment for a record; return it and what is there already."""
        first = consumer.poll(WAIT)
        if first is None:
            return []
        return [each for each in (first, *consumer.consume(BATCH - 1, 0.0)) if self._is_record(consumer, each)]

    def _is_record(self, consumer: Consumer, message: Message) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  the library's name of it
            self._reached[self._place(message)] = message.offset()
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            self._begin_anew(consumer, self._place(message))
        elif not error.retriable() and error.name() not in SILENCE:
            raise failure(self._settings, KafkaException(error))
        return False

    def _begin_anew(self, consumer: Consumer, place: Place) -> None:
        """Go on from the beginning where the log does not have the place any more, or not yet, and say so."""
        was = self._reached[place]
        low, high = consumer.get_watermark_offsets(self._at(place), timeout=ANSWER) or (0, 0)
        reason = "dropped" if was < low else "beyond_end"
        self._metrics.review_skipped.labels(place[0], reason).inc(max(low - was, 1))
        log.error(
            "%s, partition %d: the log has %d to %d, and was read up to %d (%s): it is read from its beginning",
            *place,
            low,
            high,
            was,
            reason,
        )
        with self._lease.database.writing() as writing:
            self._lease.keep_in(writing)
            forget(writing, place)
        self._reached[place] = low
        consumer.incremental_unassign([self._at(place)])
        consumer.incremental_assign([self._at(place, OFFSET_BEGINNING)])

    def _stored(self, records: Sequence[Message], stop: Event) -> None:
        """Have records taken, however long the database is away; raise Lost where another process reads on."""
        batch = self._decoded(records, stop)
        if batch is None or not self._committed(batch, stop):
            return
        self._health.well(self._lease.name)
        self._reached.update(batch.positions)
        for record in (*batch.decisions[-1:], *batch.messages[-1:], *batch.uploads[-1:], *batch.outcomes[-1:]):
            self._newest[record.topic] = record.at

    def _committed(self, batch: Batch, stop: Event) -> bool:
        """Take a batch, once the database answers; return False at a stop."""
        backing = Backing(stop)
        while not stop.is_set():
            try:
                with self._lease.database.writing() as writing:
                    self._lease.keep_in(writing)
                    self._take(writing, batch, self._clock())
            except Unavailable as error:
                self._health.ill(self._lease.name, str(error))
                backing.wait()
            else:
                return True
        return False

    def _decoded(self, records: Sequence[Message], stop: Event) -> Batch | None:
        """Return a batch, once the registry has told what it must be asked for; None at a stop."""
        backing = Backing(stop)
        while not stop.is_set():
            try:
                return self._decoding.batch(records)
            except UnknownSchema as unknown:
                try:
                    asyncio.run(self._asked(unknown.schema_id))
                except RegistryUnavailable as error:
                    self._health.ill(self._lease.name, str(error))
                    self._lease.keep()
                    backing.wait()
        return None

    async def _asked(self, schema_id: int | str) -> None:
        if self._registry is not None:
            await self._registry.fetch(schema_id)

    def _look(self, consumer: Consumer) -> None:
        """Tell the lag; ask whether the brokers answer again where they were silent."""
        now = time.monotonic()
        if now - self._looked < (PROBE if self._silent else LOOK):
            return
        self._looked = now
        if self._silent:
            try:
                consumer.list_topics(self._full("actions"), timeout=PROBE)
            except KafkaException:
                return
            self._silent = False
            self._health.well(self._lease.name)
        behind = dict.fromkeys(RECORDS, 0)
        for (topic, number), reached in self._reached.items():
            _, high = consumer.get_watermark_offsets(self._at((topic, number)), cached=True) or (0, 0)
            lag = max(0, high - reached)
            behind[topic] += lag
            self._metrics.lag_records.labels(topic, str(number)).set(lag)
        for topic, lag in behind.items():
            age = (self._clock() - self._newest.get(topic, self._clock())) / 1000 if lag else 0.0
            self._metrics.lag_seconds.labels(topic).set(max(0.0, age))

    def _complained(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001  its public name
            self._silent = True
            self._health.ill(self._lease.name, "no Kafka broker answers")

    def _full(self, topic: str) -> str:
        return full_name(self._settings.topic_prefix, topic)

    def _at(self, place: Place, offset: int = OFFSET_BEGINNING) -> TopicPartition:
        return TopicPartition(self._full(place[0]), place[1], offset)

    def _place(self, message: Message) -> Place:
        return message.topic().removeprefix(self._settings.topic_prefix), message.partition()
