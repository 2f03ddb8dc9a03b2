"""What reminds a role of keys that want attention: an index is read, records go to the owner's topic.

They change nothing themselves, and a repeat changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import time
from typing import TYPE_CHECKING, Final, TypeVar

from streams.runtime.deadlines import Deadlines

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

EVERY: Final = 0.5  # seconds between two looks at what is due
OPERATION: Final = 30.0  # seconds for any single await on the broker; then the process ends

T = TypeVar("T")
# A content id and now, in milliseconds since 1970, in; key, value and headers of a record out.
Reminder = Callable[[str, int], tuple[bytes, bytes, list[tuple[str, bytes]]]]


class Reminders:
    """Tells the owner of what wants attention: it reads an index and sends records; runs until cancelled."""

    def __init__(
        self,
        deadlines: Deadlines,
        producer: "Callable[[], AIOKafkaProducer]",
        reminder: Reminder,
        topic: str,
        every: float = EVERY,
        count: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Take the full name of the topic, the seconds between two looks, and who is told how many keys wait."""
        self._deadlines = deadlines
        self._new_producer = producer
        self._reminder = reminder
        self._topic = topic
        self._every = every
        self._count = count

    async def __call__(self) -> None:
        """Look at what is due until cancelled."""
        producer = self._new_producer()
        await _in_time(producer.start())
        try:
            while True:
                await asyncio.sleep(self._every)
                await self._tell(producer, int(time() * 1000))
                self._count(len(self._deadlines))
        finally:
            await _in_time(producer.stop())

    async def _tell(self, producer: "AIOKafkaProducer", now: int) -> None:
        told = []
        for partition, content_id in self._deadlines.overdue(now):
            key, value, headers = self._reminder(content_id.decode(), now)
            sending = producer.send(self._topic, value, key, partition, headers=headers)
            told.append(await _in_time(sending))
        if told:
            await _in_time(asyncio.gather(*told))


async def _in_time(work: Awaitable[T]) -> T:
    """Await work of the broker; `wait_for` would lose a cancellation that comes as the work ends (Python 3.11)."""
    async with asyncio.timeout(OPERATION):
        return await work
