"""The bridge, with a queue and a producer of our own: what is written, what is deleted, in which order."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Self, cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from streams.adapters.fault import Fault
from streams.adapters.sqs import Delivery
from streams.agents.bridge import TRIES, Bridge, Topics, Unusable
from streams.metrics import Metrics
from streams.runtime.partitioner import partition_of

TOPICS = Topics("p.s3-events", "p.s3-events-dlq", 4)
SOON = 5.0  # seconds
LONG = 20.0
SENT = 1_790_000_000_000  # milliseconds


class Log:
    """What happened, in order; a word can be awaited."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._added = asyncio.Event()

    def add(self, word: str) -> None:
        """Note one thing."""
        self.words.append(word)
        self._added.set()

    async def has(self, word: str, times: int = 1) -> None:
        """Return when it was noted so often."""
        async with asyncio.timeout(SOON):
            while self.words.count(word) < times:
                self._added.clear()
                await self._added.wait()


class Scripted:
    """A queue that gives its script, then nothing for ever."""

    def __init__(self, log: Log, *script: "Sequence[Delivery] | Fault", undeleted: int = 0) -> None:
        self._log = log
        self._script = list(script)
        self.undeleted = undeleted  # calls that delete nothing
        self.gone: list[str] = []
        self.extended: list[str] = []

    async def receive(self) -> Sequence[Delivery]:
        """Return the next messages, or raise the next fault."""
        self._log.add("receive")
        if not self._script:
            await asyncio.Event().wait()
        given = self._script.pop(0)
        if isinstance(given, Fault):
            raise given
        return given

    async def delete(self, handles: Sequence[str]) -> Sequence[str]:
        """Delete all of them, or none."""
        self._log.add("delete")
        if self.undeleted:
            self.undeleted -= 1
            return handles
        self.gone += handles
        return []

    async def extend(self, handles: Sequence[str]) -> Sequence[str]:
        """Note them."""
        self.extended += handles
        self._log.add("extend")
        return []


class Producer:
    """Kafka as far as the bridge sees it; acknowledges when `acknowledging` is set."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.written: list[tuple[str, bytes | None, bytes, int, dict[str, bytes]]] = []
        self.acknowledging = asyncio.Event()
        self.acknowledging.set()
        self.largest = 1000  # bytes
        self.running = False

    async def start(self) -> None:
        """Connect."""
        self.running = True

    async def stop(self) -> None:
        """Leave."""
        self.running = False

    async def send(
        self, topic: str, value: bytes, key: bytes | None, partition: int, headers: Sequence[tuple[str, bytes]]
    ) -> "asyncio.Future[None]":
        """Note a record; return the future of its acknowledgement."""
        if len(value) > self.largest:
            raise MessageSizeTooLargeError
        self.written.append((topic, key, value, partition, dict(headers)))
        self._log.add("sent")

        async def acknowledged() -> None:
            await self.acknowledging.wait()
            self._log.add("acknowledged")

        return asyncio.ensure_future(acknowledged())


class Room:
    """A bridge that runs, and everything around it."""

    def __init__(self, *script: "Sequence[Delivery] | Fault", undeleted: int = 0, visibility: float = 60.0) -> None:
        self.log = Log()
        self.queue = Scripted(self.log, *script, undeleted=undeleted)
        self.producer = Producer(self.log)
        self.metrics = Metrics()
        self.slept: list[float] = []
        self.bridge = Bridge(
            self.queue,
            lambda: cast("AIOKafkaProducer", self.producer),
            TOPICS,
            visibility=visibility,
            pollers=1,
            metrics=self.metrics,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0 if seconds < LONG else 3600)  # half of the visibility that a test does not wait for

    async def __aenter__(self) -> Self:
        self._running = asyncio.ensure_future(self.bridge())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        assert not self.producer.running

    async def ended(self) -> BaseException | None:
        """Return what ended the bridge."""
        await asyncio.wait([self._running], timeout=SOON)
        return self._running.exception()

    def counted(self, result: str) -> float:
        """Return how many messages came to this."""
        return float(self.metrics.bridge_messages.labels(result)._value.get())


def delivery(name: str, *keys: str, body: bytes | None = None, receives: int = 1) -> Delivery:
    """Return a message that tells of objects in the bucket `b`."""
    records = [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": k}}} for k in keys]
    return Delivery(name, f"handle-{name}", body or json.dumps({"Records": records}).encode(), SENT, receives)


async def test_a_message_is_deleted_after_kafka_has_acknowledged_all_that_it_became() -> None:
    async with Room([delivery("1", "a+b", "c%2Fd")]) as room:
        room.producer.acknowledging.clear()
        await room.log.has("sent", 2)
        assert "delete" not in room.log.words
        room.producer.acknowledging.set()
        await room.log.has("receive", 2)
    assert room.log.words == ["receive", "sent", "sent", "acknowledged", "acknowledged", "delete", "receive"]
    assert room.queue.gone == ["handle-1"]
    assert [(topic, key, partition) for topic, key, _, partition, _ in room.producer.written] == [
        ("p.s3-events", key, partition_of(key, 4)) for key in (b"b/a b", b"b/c/d")
    ]
    assert (room.counted("received"), room.counted("deleted"), room.counted("failed")) == (1, 1, 0)
    assert room.metrics.bridge_records.labels("relayed")._value.get() == 2


async def test_what_yields_no_key_is_a_dead_letter_with_its_reason_and_is_deleted() -> None:
    async with Room([delivery("1", body=b"canary"), delivery("2", "a")]) as room:
        await room.log.has("receive", 2)
    (letter,) = [written for written in room.producer.written if written[0] == "p.s3-events-dlq"]
    _, key, value, _, headers = letter
    assert (key, value) == (None, b"canary")
    assert headers["dlq_error"] == b"not_an_object"
    assert headers["dlq_topic"] == b"p.s3-events"
    assert headers["dlq_timestamp"] == str(SENT).encode()
    assert headers["sqs_message_id"] == b"1"
    assert not any(b"canary" in text for text in headers.values())
    assert sorted(room.queue.gone) == ["handle-1", "handle-2"]
    assert room.metrics.dead_letters.labels("s3-events", "not_an_object")._value.get() == 1


async def test_the_greeting_of_s3_is_counted_and_deleted_and_nothing_is_written() -> None:
    async with Room([delivery("1", body=b'{"Service": "Amazon S3", "Event": "s3:TestEvent"}')]) as room:
        await room.log.has("receive", 2)
    assert (room.producer.written, room.queue.gone, room.counted("test")) == ([], ["handle-1"], 1)


async def test_what_is_too_large_for_kafka_is_left_to_the_queue_and_its_neighbours_go_on() -> None:
    async with Room([delivery("1", "k" * 1000), delivery("2", "a")]) as room:
        await room.log.has("receive", 2)
    assert room.queue.gone == ["handle-2"]
    assert (room.counted("failed"), room.counted("deleted")) == (1, 1)


async def test_messages_in_hand_are_kept_from_others_until_they_are_deleted() -> None:
    async with Room([delivery("1", "a")], visibility=30.0) as room:
        room.producer.acknowledging.clear()
        await room.log.has("extend", 2)
        assert set(room.queue.extended) == {"handle-1"}
        assert room.slept[0] == 15.0
        room.producer.acknowledging.set()
        await room.log.has("receive", 2)
    assert room.queue.gone == ["handle-1"]


async def test_a_deletion_that_failed_is_tried_again_and_then_left() -> None:
    async with Room([delivery("1", "a")], undeleted=TRIES - 1) as room:
        await room.log.has("receive", 2)
    assert (room.queue.gone, room.counted("deleted")) == (["handle-1"], 1)
    async with Room([delivery("1", "a", receives=3)], undeleted=TRIES) as room:
        await room.log.has("receive", 2)
    assert (room.queue.gone, room.counted("deleted"), room.counted("failed")) == ([], 0, 1)
    assert room.counted("repeated") == 1


async def test_after_a_fault_it_asks_again_later_and_later() -> None:
    faults = [Fault("throttled", "retry"), Fault("unreachable", "retry"), Fault("timeout", "retry")]
    async with Room(*faults, [delivery("1", "a")]) as room:
        await room.log.has("receive", 5)
    assert room.slept[:3] == [0.2, 0.4, 0.8]
    assert room.queue.gone == ["handle-1"]
    assert room.metrics.bridge_faults.labels("throttled")._value.get() == 1


async def test_an_empty_answer_at_once_is_not_asked_for_again_at_once() -> None:
    async with Room([], [], [delivery("1", "a")]) as room:
        await room.log.has("receive", 4)
    assert room.slept[:2] == [1.0, 1.0]


@pytest.mark.parametrize("kind", ["deployment", "item"])
async def test_a_queue_that_cannot_be_used_ends_the_process_with_what_to_look_at(kind: Any) -> None:
    async with Room(Fault("not_found", kind)) as room:
        error = await room.ended()
    assert isinstance(error, Unusable)
    assert error.exit_code == 78
    assert "not_found: check MODERATION_SQS_QUEUE" in str(error)


async def test_what_is_in_hand_when_it_is_stopped_is_relayed_and_deleted_first() -> None:
    async with Room([delivery("1", "a")]) as room:
        room.producer.acknowledging.clear()
        await room.log.has("sent")
        room._running.cancel()
        await asyncio.sleep(0)
        room.producer.acknowledging.set()
        await asyncio.wait([room._running], timeout=SOON)
    assert (room.queue.gone, room._running.cancelled()) == (["handle-1"], True)


async def test_a_record_that_kafka_does_not_take_ends_the_process_and_deletes_nothing() -> None:
    class Broken(Producer):
        async def send(self, *_: Any, **__: Any) -> "asyncio.Future[None]":
            raise ConnectionError

    room = Room([delivery("1", "a")])
    room.producer = Broken(room.log)
    async with room:
        assert isinstance(await room.ended(), ConnectionError)
    assert room.queue.gone == []
