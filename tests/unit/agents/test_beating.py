"""What a worker says of itself."""

import asyncio
from typing import Any

import msgspec
from aiokafka.errors import KafkaConnectionError

from streams.agents.beating import Beating
from streams.core.policy import PolicyRef
from streams.core.worker_status import WorkerStatus


class Log:
    """A producer whose records are seen."""

    def __init__(self, failures: int = 0) -> None:
        """Refuse as many records first."""
        self.records: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()
        self.stopped = False
        self._failures = failures

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Note it."""
        self.stopped = True

    async def send_and_wait(self, topic: str, value: bytes | None, key: bytes, headers: Any = None) -> None:
        """Take a record."""
        assert topic == "workers"
        assert (headers is None) == (value is None)
        if self._failures:
            self._failures -= 1
            raise KafkaConnectionError
        self.records.put_nowait((key, None if value is None else msgspec.json.decode(value, type=WorkerStatus)))


def status(now: int) -> WorkerStatus:
    """Return a worker that judges by one policy."""
    return WorkerStatus("screen-1", "screen", 1, now, "0", (PolicyRef("chat", "v1"),))


async def test_a_status_is_written_at_once_when_something_changes_and_removed_at_the_end() -> None:
    log, changed = Log(), asyncio.Event()
    task = asyncio.create_task(Beating(lambda: log, "workers", status, changed, every=3600)())
    async with asyncio.timeout(10):
        key, first = await log.records.get()
        changed.set()
        _, second = await log.records.get()
        task.cancel()
        last = await log.records.get()
        await asyncio.gather(task, return_exceptions=True)

    assert (key, first.worker_id, first.policies) == (b"screen-1", "screen-1", (PolicyRef("chat", "v1"),))
    assert second.at >= first.at
    assert last == (b"screen-1", None)
    assert log.stopped


async def test_a_status_is_written_again_after_a_while_also_when_one_was_refused() -> None:
    log = Log(failures=1)
    task = asyncio.create_task(Beating(lambda: log, "workers", status, asyncio.Event(), every=0.01)())
    async with asyncio.timeout(10):
        assert (await log.records.get())[0] == b"screen-1"
        assert (await log.records.get())[0] == b"screen-1"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
