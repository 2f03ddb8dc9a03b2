"""What tells the role `rekognition_video` of ends of jobs: messages of a queue become records of its topic.

They stand under the content's key: whoever owns the content handles them in its transaction. A repeat changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import time
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from streams.adapters.fault import Fault
from streams.adapters.sqs import Delivery
from streams.agents.emission import Emission
from streams.core.job_end import ended_of
from streams.core.video_task import JobEnded
from streams.runtime.partitioner import partition_of

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

OPERATION: Final = 30.0  # seconds for any single await on the broker; then the process ends
FIRST_PAUSE: Final = 1.0  # seconds after a fault of the queue, or an answer that came too soon to be a long poll's
LONGEST_PAUSE: Final = 30.0

T = TypeVar("T")

log = logging.getLogger(__name__)


class Queue(Protocol):
    """A queue: `streams.adapters.sqs`, or a stand-in. Each raises Fault."""

    async def receive(self) -> Sequence[Delivery]:
        """Return messages, none when none came for a while."""

    async def delete(self, handles: Sequence[str]) -> Sequence[str]:
        """Delete messages; return the handles of those that are still there."""


class JobEnds:
    """Writes the ends of jobs that a queue tells of to the engine's topic; runs until cancelled.

    A message is deleted when the broker has acknowledged its record, which then outlives every crash. One that tells of
    no job stays in the queue: its redrive policy moves it to where somebody looks. A queue that does not answer stops
    nothing: jobs are asked for when they are overdue.
    """

    def __init__(
        self,
        queue: Queue,
        producer: "Callable[[], AIOKafkaProducer]",
        emission: Emission,
        topic: str,
        partitions: int,
        pause: float = FIRST_PAUSE,
    ) -> None:
        """Take the full name of the topic, and the seconds of the first pause."""
        self._queue = queue
        self._new_producer = producer
        self._emission = emission
        self._topic = topic
        self._partitions = partitions
        self._pause = pause

    async def __call__(self) -> None:
        """Poll; ends only by an error of the broker or when cancelled."""
        producer = self._new_producer()
        await _in_time(producer.start())
        try:
            pause = self._pause
            while True:
                try:
                    await self._once(producer)
                    pause = self._pause
                except Fault as fault:
                    log.warning("the queue of jobs does not answer: %s", fault.reason)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            await _in_time(producer.stop())

    async def _once(self, producer: "AIOKafkaProducer") -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        deliveries = await self._queue.receive()
        if not deliveries and clock() - began < self._pause:
            await asyncio.sleep(self._pause)  # no long poll, or an answer that cannot be read
        told = [(delivery, ended_of(delivery.body, int(time() * 1000))) for delivery in deliveries]
        for delivery, ended in told:
            if ended is None:
                log.warning("message %s tells of no job: left to the queue", delivery.message_id)
        ends = [(delivery.handle, ended) for delivery, ended in told if ended is not None]
        if ends:
            sent = [await self._send(producer, ended) for _, ended in ends]
            await _in_time(asyncio.gather(*sent))
            await self._queue.delete([handle for handle, _ in ends])  # what is left comes again

    async def _send(self, producer: "AIOKafkaProducer", ended: JobEnded) -> "asyncio.Future[object]":
        key, value, headers = self._emission.job_ended(ended)
        sending = producer.send(self._topic, value, key, partition_of(key, self._partitions), headers=headers)
        return await _in_time(sending)


async def _in_time(work: Awaitable[T]) -> T:
    """Await work of the broker; `wait_for` would lose a cancellation that comes as the work ends (Python 3.11)."""
    async with asyncio.timeout(OPERATION):
        return await work
