"""Kafka as seen from outside of the workers: records in with every acknowledgement awaited, committed records out.

The workers have transactions of their own (`runtime`); this is for people and platforms that feed and watch them.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from streams.adapters.kafka import connection
from streams.settings import Settings

ANSWER: Final = 5.0  # seconds that a broker has to answer
UNAVAILABLE: Final = 69  # EX_UNAVAILABLE
CONFIGURATION: Final = 78  # EX_CONFIG
# librdkafka's names for: nobody is there
SILENCE: Final = frozenset({"_ALL_BROKERS_DOWN", "_TRANSPORT", "_TIMED_OUT", "_MSG_TIMED_OUT", "_RESOLVE"})


# A conversation must lie in one partition whoever writes it: choose what the topic's other producers use.
Partitioner = Literal["librdkafka", "java"]
PARTITIONERS: Final[dict[Partitioner, str]] = {"librdkafka": "consistent_random", "java": "murmur2_random"}


class LogError(Exception):
    """Kafka cannot be used: what is wrong and what to do; `exit_code` for the command line."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Record(NamedTuple):
    """One committed record."""

    key: bytes | None
    value: bytes | None
    partition: int
    offset: int
    at: int  # milliseconds since 1970, as the log has it


def partitions(client: Any, settings: Settings, topic: str) -> list[int]:
    """Return a topic's partitions; raise LogError when no broker answers or the topic is not there."""
    try:
        found = client.list_topics(topic, timeout=ANSWER).topics[topic]
    except KafkaException as error:
        raise failure(settings, error) from error
    if found.error is not None or not found.partitions:
        raise LogError(f"topic {topic} does not exist: create it with `moderation topics apply`", CONFIGURATION)
    return sorted(found.partitions)


class Sender:
    """Appends records to one topic. Retries neither repeat nor reorder them; the end waits for every acknowledgement.

    Raises LogError at the start when no broker answers or the topic is not there, and at the end when a record was
    not acknowledged.
    """

    def __init__(
        self, settings: Settings, topic: str, *, partitioner: Partitioner = "librdkafka", patience: float = 30.0
    ) -> None:
        self._settings = settings
        self._producer = Producer(
            connection(settings)
            | {
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 20,
                "compression.type": "lz4",
                "partitioner": PARTITIONERS[partitioner],
                "delivery.timeout.ms": int(patience * 1000),
            }
        )
        self._topic = topic
        self._patience = patience
        self._error: KafkaError | None = None
        self.acknowledged = 0
        partitions(self._producer, settings, topic)

    def send(self, key: bytes | None, value: bytes) -> None:
        """Append one record; wait while the producer's buffer is full."""
        while True:
            try:
                self._producer.produce(self._topic, value, key, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(0.1)
                self._check()
            else:
                break
        self._producer.poll(0)
        self._check()

    def finish(self) -> None:
        """Wait until every record is acknowledged; raise LogError when one is not."""
        left = self._producer.flush(self._patience + ANSWER)
        self._check()
        if left:
            raise LogError(f"{left} records were not acknowledged in time: send them again", UNAVAILABLE)

    def __enter__(self) -> Self:
        """Return the sender."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for every acknowledgement; after an error let what is on its way go."""
        if error is None:
            self.finish()
        else:
            self._producer.purge()
            self._producer.flush(1.0)

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.acknowledged += 1
        elif self._error is None:
            self._error = error

    def _check(self) -> None:
        if self._error is not None:
            raise failure(self._settings, KafkaException(self._error), f" after {self.acknowledged} records")


class Following:
    """Reads one topic's committed records from all partitions, without a group: nobody else is disturbed.

    Raises LogError when no broker answers or the topic is not there.
    """

    def __init__(self, settings: Settings, topic: str, *, from_beginning: bool) -> None:
        self._settings = settings
        self._consumer = Consumer(
            connection(settings)
            | {
                "group.id": "moderation-following",  # asked for by the library, never joined
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 50,
            }
        )
        start = OFFSET_BEGINNING if from_beginning else OFFSET_END
        self._consumer.assign(
            [TopicPartition(topic, number, start) for number in partitions(self._consumer, settings, topic)]
        )

    def take(self, timeout: float) -> Iterator[Record]:
        """Wait at most `timeout` seconds for a record; yield it and what is there already, at most 500 records."""
        first = self._consumer.poll(timeout)
        if first is None:
            return
        for message in (first, *self._consumer.consume(499, 0.0)):
            error = message.error()
            if error is None:
                at = message.timestamp()[1]
                yield Record(message.key(), message.value(), message.partition(), message.offset(), at)
            elif not error.retriable():
                raise failure(self._settings, KafkaException(error))

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()


def failure(settings: Settings, error: KafkaException, when: str = "") -> LogError:
    """Return what a person is told of an error of the library."""
    cause = error.args[0]
    if cause.name() in SILENCE:
        advice = "start one with `moderation broker`, or set MODERATION_BOOTSTRAP"
        return LogError(f"no Kafka broker answers at {settings.bootstrap}{when}: {advice}", UNAVAILABLE)
    return LogError(f"Kafka refuses{when}: {cause.str()}: see the broker's log", UNAVAILABLE)
