"""The consumer without a thread: what it leans on in mode and Faust, and that it shares the worker's loop."""

import asyncio
import inspect
import threading
from typing import Any

import pytest
from faust.transport.drivers import aiokafka as driver
from mode import threads

from streams.runtime.inloop import InLoopConsumer
from streams.runtime.transport import BatchApp, BatchConsumer


class Closing:
    """Stands for aiokafka's consumer: closed once."""

    closed = 0

    async def stop(self) -> None:
        """Count it."""
        self.closed += 1


class Connected(InLoopConsumer):
    """Needs no broker: connecting gives a stand-in, or the error that the test wants."""

    error: Exception | None = None

    async def on_start(self) -> None:
        """Connect."""
        if self.error is not None:
            raise self.error
        self._consumer: Any = Closing()

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """Print nothing."""


class Loose(BatchConsumer):
    """Faust's consumer around it."""

    def _new_consumer_thread(self) -> Any:
        return Connected(self, loop=self.loop, beacon=self.beacon)


@pytest.fixture
async def connected() -> Any:
    """Return one that is not started."""

    async def callback(*_: Any) -> None:
        raise AssertionError("nothing is assigned here")

    app = BatchApp("test", broker="kafka://127.0.0.1:1", autodiscover=False, web_enabled=False)
    consumer: Any = Loose(
        app.transport,
        callback=callback,
        on_partitions_revoked=callback,
        on_partitions_assigned=callback,
        loop=asyncio.get_running_loop(),
    )
    return consumer._thread


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (threads.ServiceThread.start, "self._thread = self.Worker(self)"),
        (threads.ServiceThread.start, "await self._thread_running"),
        (threads.ServiceThread.stop, "if self._thread is not None:"),
        (threads.ServiceThread._serve, "notify, self._thread_running"),
        (threads.ServiceThread._serve, "await self._gather_remaining_tasks()"),
        (threads.ServiceThread._gather_remaining_tasks, "all_tasks(loop=self.thread_loop)"),
        (threads.ServiceThread.__init__, "self._close_thread_loop_on_stop = thread_loop is None"),
        (threads.QueueServiceThread.call_thread, "self.method_queue.call("),
        (driver.AIOKafkaConsumerThread.on_start, "self._create_consumer(loop=self.thread_loop)"),
        (driver.AIOKafkaConsumerThread.getmany, "await self.call_thread("),
    ],
)
def test_what_it_replaces_is_still_there(method: Any, expected: str) -> None:
    assert expected in inspect.getsource(method)


async def test_it_starts_and_stops_without_a_thread_and_leaves_other_tasks_alone(connected: Any) -> None:
    before = threading.active_count()
    other = asyncio.create_task(asyncio.Event().wait())
    await connected.start()
    assert threading.active_count() == before
    assert connected.thread_loop is asyncio.get_running_loop()
    consumer = connected._consumer
    await connected.stop()
    assert consumer.closed == 1
    assert not other.done()
    assert asyncio.get_running_loop().is_running()
    other.cancel()


async def test_what_keeps_it_from_starting_is_raised(connected: Any) -> None:
    connected.error = ConnectionError("no broker")
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionError, match="no broker"):
            await connected.start()


async def test_a_call_is_made_where_it_is_asked_for(connected: Any) -> None:
    async def answered(number: int, *, more: int) -> tuple[int, str]:
        return number + more, threading.current_thread().name

    def plain() -> str:
        return "plain"

    assert await connected.call_thread(answered, 1, more=2) == (3, threading.current_thread().name)
    assert await connected.call_thread(plain) == "plain"


async def test_a_call_that_is_cancelled_ends(connected: Any) -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    call = asyncio.create_task(connected.call_thread(endless))
    await asyncio.sleep(0)
    call.cancel()
    async with asyncio.timeout(5):
        await ended.wait()
