"""The benchmark's own end of Kafka: topics, records in at full speed or at a pace, stamped outputs back."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from benchmarks.records import Record
from streams.runtime.partitioner import partition_of

Output = tuple[int, bytes, bytes]  # time of the append in milliseconds since 1970, key, value

ANSWER: Final = 30.0  # seconds that the broker has for one request
QUIET: Final = {"log_level": 2}  # what fails raises; librdkafka need not write about it as well
RETRY: Final = 0.1  # seconds
BY_BROKER: Final = {"message.timestamp.type": "LogAppendTime"}  # the broker's clock, so that no runner stamps itself
# Seconds between two bursts of a paced load. To wake up for each record takes a core of its own from the broker: with
# 7,000 records a second a median of 5.5 s was measured in place of 77 ms, one run each.
BURST: Final = 0.005
READ: Final = 10_000  # records that one read brings at most


class Traffic:
    """One broker as the benchmark uses it; every call waits for its result and raises when none comes."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self.bootstrap = bootstrap
        self.partitions = partitions
        self._admin = AdminClient({"bootstrap.servers": bootstrap, **QUIET})
        self._looker = self._consumer()

    def __enter__(self) -> Self:
        """Do nothing: connections are made when they are needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._looker.close()

    def create(self, *topics: str) -> None:
        """Create topics whose records are stamped by the broker."""
        new = [NewTopic(topic, self.partitions, 1, config=BY_BROKER) for topic in topics]
        for future in self._admin.create_topics(new, request_timeout=ANSWER).values():
            future.result(ANSWER)

    def delete(self, prefix: str) -> None:
        """Delete all topics with a prefix."""
        names = [name for name in self._admin.list_topics(timeout=ANSWER).topics if name.startswith(prefix)]
        for future in self._admin.delete_topics(names, request_timeout=ANSWER).values() if names else ():
            future.result(ANSWER)

    def stamp(self, topic: str) -> None:
        """Let the broker stamp the records of a topic that exists."""
        entries = [ConfigEntry(*item, incremental_operation=AlterConfigOpType.SET) for item in BY_BROKER.items()]
        change = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        for future in self._admin.incremental_alter_configs([change], request_timeout=ANSWER).values():
            future.result(ANSWER)

    def fill(self, topic: str, records: Sequence[Record]) -> None:
        """Write records as fast as possible; all are acknowledged on return."""
        self._write(topic, records, linger=20, before=lambda producer, _: producer.poll(0))

    def pace(self, topic: str, records: Sequence[Record], per_second: float) -> dict[bytes, float]:
        """Write records at a pace; in bursts; return the moment of each send call (seconds since 1970)."""
        sent: dict[bytes, float] = {}
        begun = time.perf_counter()

        def wait(producer: Any, number: int) -> None:
            ahead = begun + number / per_second - time.perf_counter()
            if ahead > 0:
                producer.poll(0)
                time.sleep(max(ahead, BURST))
            sent[records[number].content_id.encode()] = time.time()

        self._write(topic, records, linger=1, before=wait)
        return sent

    def _write(self, topic: str, records: Sequence[Record], linger: int, before: Callable[[Any, int], object]) -> None:
        refused: list[KafkaError] = []
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                **QUIET,
                "linger.ms": linger,
                "enable.idempotence": True,
                "delivery.report.only.error": True,
                "queue.buffering.max.messages": len(records) + 1,
                "queue.buffering.max.kbytes": 1 << 20,
                "batch.size": 1 << 17,
            }
        )

        def failed(error: KafkaError, _: object) -> None:
            refused.append(error)

        for number, record in enumerate(records):
            before(producer, number)
            partition = partition_of(record.key, self.partitions)
            producer.produce(topic, record.value, record.key, partition=partition, on_delivery=failed)
        left = producer.flush(ANSWER)
        if left or refused:
            raise RuntimeError(f"{left + len(refused)} of {len(records)} records were not acknowledged in {topic}")

    def end(self, topic: str) -> int:
        """Return how many offsets a topic has used, transaction markers included."""
        return sum(self._ends(topic))

    def read(self, topic: str) -> list[Output]:
        """Return all committed records of a topic, partition by partition."""
        consumer = self._consumer()
        found: list[Output] = []
        try:
            consumer.assign([TopicPartition(topic, number, 0) for number in range(self.partitions)])
            left = self.partitions
            while left:
                batch = consumer.consume(READ, timeout=0.1)
                for record in batch:
                    if record.error() is None:
                        found.append((record.timestamp()[1], record.key(), record.value()))
                    elif record.error().code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                        left -= 1
                    else:
                        raise KafkaException(record.error())
        finally:
            consumer.close()
        return found

    def observer(self, topic: str) -> "Observer":
        """Return who notes every record that a topic gets from now on."""
        consumer = self._consumer({"fetch.wait.max.ms": 500, "fetch.queue.backoff.ms": 1})
        consumer.assign([TopicPartition(topic, number, end) for number, end in enumerate(self._ends(topic))])
        return Observer(consumer)

    def _ends(self, topic: str) -> list[int]:
        """Return the end offset of each partition; a topic that was just made has no leader for a moment."""
        deadline = time.monotonic() + ANSWER
        while True:
            try:
                return [
                    self._looker.get_watermark_offsets(TopicPartition(topic, number), timeout=ANSWER, cached=False)[1]
                    for number in range(self.partitions)
                ]
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(RETRY)
                self._looker.list_topics(topic, timeout=ANSWER)  # or it never asks again for a missing one

    def _consumer(self, more: dict[str, Any] | None = None) -> Any:
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                **QUIET,
                "group.id": "benchmark",
                "enable.auto.commit": False,
                "enable.partition.eof": more is None,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                **(more or {}),
            }
        )


class Observer:
    """Notes in a thread when each record of a topic becomes visible to a read_committed consumer.

    `seen` maps a key to the moment of its arrival here (seconds since 1970) and the broker's stamp (milliseconds).
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="observer", daemon=True)
        self.seen: dict[bytes, tuple[float, int]] = {}

    def __enter__(self) -> Self:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._stopped.set()
        self._thread.join()
        self._consumer.close()

    def _watch(self) -> None:
        while not self._stopped.is_set():
            first = self._consumer.poll(0.1)
            if first is None:
                continue
            records = [first, *self._consumer.consume(500, timeout=0)]
            now = time.time()
            for record in records:
                if record.error() is None:
                    self.seen[record.key()] = (now, record.timestamp()[1])
