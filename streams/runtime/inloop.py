"""Faust's consumer without its thread: Kafka is read in the worker's own event loop.

Faust gives aiokafka's consumer a thread and a loop of its own. Every fetch then crosses between two threads that share
one interpreter lock, twice, and a call from the other thread may touch the consumer in the middle of something. In one
loop a message at 1,000/s takes less than half as long (benchmarks/README.md). The price: heartbeats are sent by that
loop too, so nothing may hold it for as long as a session lasts.

What leans on mode's and Faust's insides (tests/unit/runtime/test_inloop.py fails when they change):
- `ServiceThread.start` makes the thread, which runs `_serve` in `thread_loop`; `_serve` resolves `_thread_running`.
- `_serve` ends with `_gather_remaining_tasks`, which cancels every task of a loop that it takes for its own.
- `call_thread` hands a call over to the thread's queue and waits for the result.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from faust.transport.drivers import aiokafka as driver
from mode.utils.futures import maybe_async


class InLoopConsumer(driver.AIOKafkaConsumerThread):
    """A consumer thread that is none."""

    _serving: "asyncio.Task[None] | None" = None
    _thread_running: "asyncio.Future[None] | None"

    def __init__(self, consumer: Any, *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        """Run in `loop`; `options` are Faust's."""
        super().__init__(consumer, loop=loop, thread_loop=loop, **options)

    async def start(self) -> None:
        """Connect and begin to serve; raise what kept it from starting."""
        self._thread_started.set()
        self._thread_running = running = asyncio.get_running_loop().create_future()
        self._serving = asyncio.create_task(self._serve())
        self._serving.add_done_callback(_told)
        try:
            await running
        finally:
            self._thread_running = None

    async def stop(self) -> None:
        """Leave the group and close; return when it is done."""
        await super().stop()
        if self._serving is not None:
            await asyncio.wait({self._serving})

    async def call_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call, and return the result."""
        return await maybe_async(fun(*args, **kwargs))

    async def _gather_remaining_tasks(self) -> None:
        """Leave the other tasks of the loop alone: they are the worker's."""


def _told(serving: "asyncio.Task[None]") -> None:
    """Take the exception of a task whose error `start`, or the crash of the app, has told already."""
    if not serving.cancelled():
        serving.exception()
