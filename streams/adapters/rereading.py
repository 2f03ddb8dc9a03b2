"""Topics read once more: a range of time of several topics in, their records merged in the order of time out.

It reads committed records without a group, so that nobody else is disturbed. Records of a topic may be asked for ahead
of their time: what was decided of a text then comes before the text.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from operator import itemgetter
from types import TracebackType
from typing import Final, NamedTuple, Self

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.adapters.kafka import connection
from streams.adapters.log import LogError, Record, failure, partitions
from streams.settings import Settings

FETCH: Final = 2000  # records of one call
WAIT: Final = 0.2  # seconds for the next record
QUIET: Final = 30.0  # seconds without a record until the brokers count as away
OPERATION: Final = 30.0  # seconds for any single question to the brokers
BUFFERED: Final = 8 << 20  # bytes of one partition that wait for the others
UNAVAILABLE: Final = 69  # EX_UNAVAILABLE


class Stretch(NamedTuple):
    """A range of time of a topic, milliseconds since 1970."""

    topic: str
    since: int
    until: int
    ahead: int = 0  # milliseconds by which its records come before their time


class Reread(NamedTuple):
    """One record, and which of the stretches it belongs to."""

    number: int
    record: Record


class _Partition:
    """One partition while it is read."""

    def __init__(self, number: int, end: int, ahead: int) -> None:
        self.number = number  # of the stretch
        self.end = end  # the first offset behind the range
        self.ahead = ahead
        self.waiting: deque[tuple[int, Reread]] = deque()  # (when it is its turn, record), ascending
        self.size = 0  # bytes that wait
        self.turn = -1  # of the last record read; times of producers go back now and then, turns do not
        self.paused = False


class Rereading:
    """Reads stretches of topics. Raises LogError when no broker answers or a topic is not there."""

    def __init__(self, settings: Settings, stretches: Sequence[Stretch]) -> None:
        self._settings = settings
        self._consumer = Consumer(
            connection(settings)
            | {
                "group.id": "moderation-rereading",  # asked for by the library, never joined
                "enable.auto.commit": False,
                "enable.partition.eof": True,  # with read_committed: at the end of what is committed
                "isolation.level": "read_committed",
                "allow.auto.create.topics": False,
                "auto.offset.reset": "earliest",  # what retention has removed meanwhile is not waited for
                "queued.max.messages.kbytes": 16 << 10,
                "fetch.wait.max.ms": 50,
            }
        )
        self._open: dict[tuple[str, int], _Partition] = {}
        self._all: list[_Partition] = []
        self.totals: list[int] = []  # offsets of each stretch: its records, and marks of transactions
        try:
            starts = [start for number, stretch in enumerate(stretches) for start in self._starts(number, stretch)]
            self._consumer.assign(starts)
        except BaseException:
            self._consumer.close()
            raise

    def batches(self) -> Iterator[list[Reread]]:
        """Yield the records in the order of time, some thousand at once; a partition keeps its own order."""
        heard = time.monotonic()
        while self._open:
            messages = self._consumer.consume(FETCH, WAIT)
            for message in messages:
                self._take(message)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > QUIET:
                raise LogError("no broker sends records: see the broker's log", UNAVAILABLE)
            ready = self._ready()
            self._balance()
            if ready:
                yield ready
        rest = self._ready()
        if rest:
            yield rest

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the brokers."""
        self.close()

    def _starts(self, number: int, stretch: Stretch) -> Iterator[TopicPartition]:
        """Yield where each partition of a stretch begins; those without a record in it are left out."""
        topic = stretch.topic
        every = partitions(self._consumer, self._settings, topic)
        starts, ends = (self._offsets(topic, every, at) for at in (stretch.since, stretch.until))
        total = 0
        for partition in every:
            first, end = starts[partition], ends[partition]
            if first >= end:
                continue
            total += end - first
            self._open[topic, partition] = held = _Partition(number, end, stretch.ahead)
            self._all.append(held)
            yield TopicPartition(topic, partition, first)
        self.totals.append(total)

    def _offsets(self, topic: str, every: Sequence[int], at: int) -> dict[int, int]:
        """Return of each partition the first offset whose record is not older; its end where there is none."""
        asked = [TopicPartition(topic, partition, at) for partition in every]
        try:
            found = self._consumer.offsets_for_times(asked, timeout=OPERATION)
            return {
                each.partition: each.offset
                if each.offset != OFFSET_END
                else self._consumer.get_watermark_offsets(each, timeout=OPERATION)[1]
                for each in found
            }
        except KafkaException as error:
            raise failure(self._settings, error) from error

    def _take(self, message: Message) -> None:
        place = (message.topic(), message.partition())
        held = self._open.get(place)
        if held is None:
            return  # fetched before it was let go
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  the library's name of it
                self._done(place)
            elif not error.retriable():
                raise failure(self._settings, KafkaException(error))
            return
        offset = message.offset()
        if offset < held.end:
            at = message.timestamp()[1]
            value = message.value()
            held.turn = max(held.turn, at - held.ahead)
            held.size += len(value or b"")
            record = Record(message.key(), value, place[1], offset, at)
            held.waiting.append((held.turn, Reread(held.number, record)))
        if offset >= held.end - 1:
            self._done(place)

    def _done(self, place: tuple[str, int]) -> None:
        del self._open[place]
        self._consumer.incremental_unassign([TopicPartition(*place)])

    def _ready(self) -> list[Reread]:
        """Take what nothing can come before any more."""
        bound = min((held.turn for held in self._open.values()), default=None)
        ready: list[tuple[int, Reread]] = []
        for held in self._all:
            waiting = held.waiting
            while waiting and (bound is None or waiting[0][0] <= bound):
                entry = waiting.popleft()
                held.size -= len(entry[1].record.value or b"")
                ready.append(entry)
        ready.sort(key=itemgetter(0))  # stable: within a partition, and of equal times, as they were put in
        return [each for _, each in ready]

    def _balance(self) -> None:
        """Stop fetching what is far ahead of the rest, and go on where it is not any more."""
        for (topic, partition), held in self._open.items():
            if held.paused != (held.size > (BUFFERED // 2 if held.paused else BUFFERED)):
                held.paused = not held.paused
                change = self._consumer.pause if held.paused else self._consumer.resume
                change([TopicPartition(topic, partition)])
