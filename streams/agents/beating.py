"""Beating: what a worker says of itself, written to `workers` every few seconds and whenever its policies change."""

import asyncio
import logging
from collections.abc import Callable
from time import time
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.adapters.headers import CloudHeaders
from streams.core.moment import iso
from streams.core.worker_status import WorkerStatus

EVERY: Final = 5.0  # seconds
OPERATION: Final = 30.0  # seconds for any single await on the broker

log = logging.getLogger(__name__)

Status = Callable[[int], WorkerStatus]  # milliseconds since 1970 -> what is true now


class Beating:
    """Writes the status of one worker until it is cancelled; a worker that stops cleanly removes it."""

    def __init__(
        self, producer: Callable[[], Any], topic: str, status: Status, changed: asyncio.Event, every: float = EVERY
    ) -> None:
        """Take what makes a producer, the topic, what tells the status, and what is set when it changes."""
        self._producer = producer
        self._topic = topic
        self._status = status
        self._changed = changed
        self._every = every
        # JSON whatever the wire form: who asks for the status needs no registry
        self._headers = CloudHeaders("worker_status", source="/moderation-streams/worker")

    async def __call__(self) -> None:
        """Write until cancelled."""
        producer = self._producer()
        await asyncio.wait_for(producer.start(), OPERATION)
        try:
            while True:
                self._changed.clear()
                await self._tell(producer)
                try:
                    async with asyncio.timeout(self._every):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        except asyncio.CancelledError:
            await self._gone(producer)
            raise
        finally:
            await asyncio.wait_for(producer.stop(), OPERATION)

    async def _tell(self, producer: AIOKafkaProducer) -> None:
        now = int(time() * 1000)
        status = self._status(now)
        name = status.worker_id
        headers = self._headers(f"{name}/{now}", name, iso(now))
        try:
            async with asyncio.timeout(OPERATION):
                await producer.send_and_wait(self._topic, msgspec.json.encode(status), name.encode(), headers=headers)
        except (KafkaError, TimeoutError) as error:  # it judges on without
            log.warning("the status of this worker was not written: %s", type(error).__name__)

    async def _gone(self, producer: AIOKafkaProducer) -> None:
        """Remove the status."""
        name = self._status(int(time() * 1000)).worker_id
        async with asyncio.timeout(OPERATION):
            await producer.send_and_wait(self._topic, None, name.encode())
