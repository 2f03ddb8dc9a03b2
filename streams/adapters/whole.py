"""A topic read to its end: every committed record that is there now, without a group."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from streams.adapters.kafka import connection
from streams.adapters.log import LogError, Record, failure, partitions
from streams.settings import Settings

QUIET: Final = 30.0  # seconds without a record until the brokers count as away
UNAVAILABLE: Final = 69  # EX_UNAVAILABLE


def whole(settings: Settings, topic: str, only: Callable[[int], int] | None = None) -> Iterator[Record]:
    """Yield the records of a topic, or of the one of so many partitions that `only` names, up to what is committed now.

    Raises LogError when no broker answers or the topic is not there. It ends before the first open transaction.
    """
    consumer = Consumer(
        connection(settings)
        | {
            "group.id": "moderation-whole",  # asked for by the library, never joined
            "enable.auto.commit": False,
            "enable.partition.eof": True,  # with read_committed: at the end of what is committed
            "isolation.level": "read_committed",
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": 50,
        }
    )
    try:
        numbers = partitions(consumer, settings, topic)
        wanted = [number for number in numbers if only is None or number == only(len(numbers))]
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in wanted])
        yield from _until_end(consumer, settings, topic, set(wanted))
    finally:
        consumer.close()


def _until_end(consumer: Consumer, settings: Settings, topic: str, left: set[int]) -> Iterator[Record]:
    heard = time.monotonic()
    while left:
        for message in consumer.consume(500, 0.2):
            heard = time.monotonic()
            error = message.error()
            if error is None:
                at = message.timestamp()[1]
                yield Record(message.key(), message.value(), message.partition(), message.offset(), at)
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  the library's name of it
                left.discard(message.partition())
            elif not error.retriable():
                raise failure(settings, KafkaException(error))
        if time.monotonic() - heard > QUIET:
            raise LogError(f"no broker sends the records of {topic}: see the broker's log", UNAVAILABLE)
