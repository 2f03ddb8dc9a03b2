import asyncio
from collections.abc import AsyncIterator
from importlib.metadata import version
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaClient
from aiokafka.producer import sender

from streams.runtime.producing import (
    BATCH_BYTES,
    MARKERS,
    NO_HEADERS,
    PATIENCE,
    Out,
    new_producer,
    sent,
)


def test_it_leans_on_this_version_of_aiokafka() -> None:
    assert version("aiokafka") == "0.14.0"
    assert callable(AIOKafkaClient._metadata_update)


def test_the_markers_of_the_transaction_before_are_not_waited_for_longer_than_they_take() -> None:
    assert sender.BACKOFF_OVERRIDE == MARKERS == 0.004


async def test_metadata_is_not_asked_for_again_at_once_while_nobody_answers() -> None:
    producer = new_producer({"bootstrap_servers": "127.0.0.1:1"})
    started = monotonic()
    async with asyncio.timeout(5):
        for _ in range(3):
            assert not await producer.client._metadata_update(producer.client.cluster, [])
    assert monotonic() - started >= 3 * PATIENCE
    await producer.stop()


class Log:
    """Stands for a producer: real batches, appended to logs in memory."""

    def __init__(self, producer: Any) -> None:
        self.create_batch = producer.create_batch
        self.counts: dict[tuple[str, int], list[int]] = {}

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Append a batch; its acknowledgement tells the offset of its first record."""
        counts = self.counts.setdefault((topic, partition), [])
        acknowledged: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        acknowledged.set_result(SimpleNamespace(offset=sum(counts)))
        counts.append(batch.record_count())
        return acknowledged


@pytest.fixture
async def log() -> AsyncIterator[Any]:
    """Yield one."""
    producer = new_producer({"bootstrap_servers": "127.0.0.1:1"})
    yield Log(producer)
    await producer.stop()


async def test_what_does_not_fit_into_one_batch_goes_on_in_the_next(log: Any) -> None:
    large: list[Out] = [(b"k", bytes(BATCH_BYTES // 3), NO_HEADERS)] * 5
    small: list[Out] = [(b"k", b"v", NO_HEADERS), (b"k", None, NO_HEADERS)]
    last = await sent(log, {"a": {0: large, 1: small}, "b": {1: []}})
    assert log.counts == {("a", 0): [2, 2, 1], ("a", 1): [2]}
    assert last == {("a", 0): 4, ("a", 1): 1}


async def test_a_record_larger_than_a_batch_has_one_for_itself(log: Any) -> None:
    small: Out = (b"k", b"v", NO_HEADERS)
    large: Out = (b"k", bytes(BATCH_BYTES + 1), NO_HEADERS)
    assert await sent(log, {"a": {0: [large, small, large, large]}}) == {("a", 0): 3}
    assert log.counts == {("a", 0): [1, 1, 1, 1]}
