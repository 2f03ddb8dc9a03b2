"""Bridge: storage notifications from a queue in, records of `s3-events` out. Role `bridge`.

A message is deleted after the broker has acknowledged all that it became: after a crash it comes again, and whoever
reads `s3-events` knows the repeat. How often it may come, and where it goes then, is the queue's redrive policy.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import time
from typing import Any, Final, NamedTuple, Protocol, cast

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError

from streams.adapters.fault import Fault
from streams.adapters.headers import Header, dead_letter_headers
from streams.adapters.sqs import Delivery
from streams.core.relayed import Letter, relayed
from streams.metrics import Metrics
from streams.runtime.partitioner import partition_of

# Seconds for any single await on the broker; then the process ends, and what it had in hand comes again.
OPERATION: Final = 30.0
FIRST_PAUSE: Final = 0.2  # seconds after the first fault; doubled at each further one
LONGEST_PAUSE: Final = 30.0
TRIES: Final = 3  # to delete: what is left then comes again and is known as a repeat
NOWHERE: Final = -1  # a dead letter of the queue never lay in a partition

NO_HEADERS: Final[Sequence[Header]] = ()
TOO_LARGE: Final = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError)

log = logging.getLogger(__name__)


class Unusable(RuntimeError):
    """The queue cannot be used as it is configured; one line that says what to look at."""

    exit_code: Final = 78  # EX_CONFIG


class Queue(Protocol):
    """A queue: `streams.adapters.sqs`, or a stand-in. Each raises Fault."""

    async def receive(self) -> Sequence[Delivery]:
        """Return messages, none when none came for a while."""

    async def delete(self, handles: Sequence[str]) -> Sequence[str]:
        """Delete messages; return the handles of those that are still there."""

    async def extend(self, handles: Sequence[str]) -> Sequence[str]:
        """Keep messages from others for longer; return the handles of those that were not."""


@dataclass(frozen=True)
class Topics:
    """Where what is received goes; full names."""

    events: str
    dead_letters: str
    partitions: int  # of each


class Bridge:
    """Relays until cancelled; what is in hand then is relayed and deleted first. Raises Unusable."""

    def __init__(
        self,
        queue: Queue,
        producer: Callable[[], AIOKafkaProducer],
        topics: Topics,
        *,
        visibility: float,
        pollers: int,
        metrics: Metrics,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._queue = queue
        self._new_producer = producer
        self._topics = topics
        self._visibility = visibility  # seconds
        self._pollers = pollers
        self._metrics = metrics
        self._sleep = sleep

    async def __call__(self) -> None:
        """Relay; ends only by an error or when cancelled."""
        async with self._producing() as producer:
            pollers = [asyncio.ensure_future(self._poll(producer)) for _ in range(self._pollers)]
            try:
                done, _ = await asyncio.wait(pollers, return_when=asyncio.FIRST_COMPLETED)
                for poller in done:
                    poller.result()
            finally:
                for poller in pollers:
                    poller.cancel()
                await asyncio.gather(*pollers, return_exceptions=True)

    @asynccontextmanager
    async def _producing(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = self._new_producer()
        await asyncio.wait_for(producer.start(), OPERATION)
        try:
            yield producer
        finally:
            await asyncio.wait_for(producer.stop(), OPERATION)

    async def _poll(self, producer: AIOKafkaProducer) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                began = asyncio.get_running_loop().time()
                deliveries = await self._queue.receive()
            except Fault as fault:
                self._noted(fault)
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            if deliveries:
                await _whole(self._relay(producer, deliveries))
            elif asyncio.get_running_loop().time() - began < FIRST_PAUSE:
                await self._sleep(1.0)  # an empty answer at once: no long poll, or one that cannot be read

    def _noted(self, fault: Fault) -> None:
        """Count a fault; raise Unusable for one that no waiting mends."""
        self._metrics.bridge_faults.labels(fault.reason).inc()
        if fault.kind != "retry":
            raise Unusable(
                f"the queue cannot be used: {fault.reason}: check MODERATION_SQS_QUEUE, its region, the credentials, "
                "and what they allow (sqs:ReceiveMessage, DeleteMessage, ChangeMessageVisibility)"
            ) from None
        log.warning("the queue does not answer: %s", fault.reason)

    async def _relay(self, producer: AIOKafkaProducer, deliveries: Sequence[Delivery]) -> None:
        count = self._metrics.bridge_messages.labels
        count("received").inc(len(deliveries))
        count("repeated").inc(sum(delivery.receives > 1 for delivery in deliveries))
        keeping = asyncio.ensure_future(self._keep([delivery.handle for delivery in deliveries]))
        try:
            done = await asyncio.gather(*(self._produced(producer, delivery) for delivery in deliveries))
            handles = [delivery.handle for delivery, whole in zip(deliveries, done, strict=True) if whole]
            left = await self._deleted(handles)
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        count("deleted").inc(len(handles) - left)
        count("failed").inc(len(deliveries) - len(handles) + left)
        now = time()
        for delivery in deliveries:
            if delivery.sent_at is not None:
                self._metrics.bridge_age.observe(max(0.0, now - delivery.sent_at / 1000))

    async def _produced(self, producer: AIOKafkaProducer, delivery: Delivery) -> bool:
        """Write what a message becomes and await every acknowledgement; False when it is too large for the topic."""
        found = relayed(delivery.body)
        if found.test:
            self._metrics.bridge_messages.labels("test").inc()
        outs = [_Out(self._topics.events, key, key, value, NO_HEADERS) for key, value in found.records]
        outs += (self._dead(delivery, letter) for letter in found.dead)
        try:
            # One after the other, so that the events of one object keep their order; then all answers together.
            async with asyncio.timeout(OPERATION):  # `wait_for` of Python 3.11 can lose a cancellation
                answers = [await self._sent(producer, out) for out in outs]
                await asyncio.gather(*answers)
        except TOO_LARGE:
            log.error("message %s is too large for Kafka: left to the queue", delivery.message_id)  # noqa: TRY400
            return False
        self._metrics.bridge_records.labels("relayed").inc(len(found.records))
        self._metrics.bridge_records.labels("dead").inc(len(found.dead))
        for letter in found.dead:
            self._metrics.dead_letters.labels("s3-events", letter.reason).inc()
        return True

    async def _sent(self, producer: AIOKafkaProducer, out: "_Out") -> "asyncio.Future[Any]":
        """Append a record; return the future of its acknowledgement."""
        partition = partition_of(out.home, self._topics.partitions)
        sending = await producer.send(out.topic, out.value, out.key, partition, headers=out.headers)
        return cast("asyncio.Future[Any]", sending)

    def _dead(self, delivery: Delivery, letter: Letter) -> "_Out":
        """Return what could not be read as a dead letter of `s3-events`, where it never lay."""
        home = delivery.message_id.encode()
        headers = dead_letter_headers(
            letter.reason,
            topic=self._topics.events,
            partition=NOWHERE,
            offset=NOWHERE,
            timestamp=NOWHERE if delivery.sent_at is None else delivery.sent_at,
            attempts=delivery.receives,
            headers=[("sqs_message_id", home)],
        )
        return _Out(self._topics.dead_letters, home, None, letter.value, headers)

    async def _deleted(self, handles: Sequence[str]) -> int:
        """Delete messages; return how many are left, after some tries."""
        left, pause = list(handles), FIRST_PAUSE
        for attempt in range(TRIES):
            if left and attempt:
                await self._sleep(pause)
                pause *= 2
            if left:
                try:
                    left = list(await self._queue.delete(left))
                except Fault as fault:
                    self._noted(fault)
        return len(left)

    async def _keep(self, handles: Sequence[str]) -> None:
        """Keep messages from others while they are in hand."""
        while True:
            await self._sleep(self._visibility / 2)
            try:
                await self._queue.extend(handles)
            except Fault as fault:  # they may come twice: that is known as a repeat
                self._metrics.bridge_faults.labels(fault.reason).inc()
                log.warning("messages in hand could not be hidden for longer: %s", fault.reason)


class _Out(NamedTuple):
    """One record to be written."""

    topic: str
    home: bytes  # decides on the partition
    key: bytes | None
    value: bytes
    headers: Sequence[Header]


async def _whole(work: Awaitable[None]) -> None:
    """Await work to its end, even when cancelled meanwhile."""
    running = asyncio.ensure_future(work)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await running
        raise
