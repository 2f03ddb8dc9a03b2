"""A compacted topic as a dict that every worker has whole: all partitions, no group, a few milliseconds behind.

Faust's GlobalTable shows a new value to a second worker only at the next rebalance; this consumer has no group.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

OPERATION: Final = 30.0  # seconds for any single await on the broker


class Follower:
    """Follow a compacted topic: `values` is complete after `start`, and stays so while `run` is running."""

    def __init__(
        self,
        topic: str,
        connection: Mapping[str, Any],
        on_change: Callable[[bytes, bytes | None], None] = lambda _key, _value: None,
        keep: Callable[[bytes, bytes | None], Awaitable[None]] | None = None,
    ) -> None:
        """Take who keeps the values in the place of `values`: told of each, also of those before `start` returns."""
        self.topic = topic
        self.values: dict[bytes, bytes] = {}
        self._connection = dict(connection)
        self._on_change = on_change  # called for each change after `start`; None is a removed key
        self._keep = keep or self._kept
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Read the topic up to its end. Raises LookupError when it does not exist, or whatever aiokafka raises."""
        consumer = AIOKafkaConsumer(
            **self._connection, isolation_level="read_committed", enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await asyncio.wait_for(consumer.start(), OPERATION)
        self._consumer = consumer
        partitions = await self._partitions(consumer)
        if not partitions:
            raise LookupError(f"topic {self.topic} does not exist")
        tps = [TopicPartition(self.topic, partition) for partition in partitions]
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        behind = {tp: end for tp, end in (await consumer.end_offsets(tps)).items() if end > 0}
        while behind:
            await self._fetch(consumer)
            for tp in list(behind):
                if await consumer.position(tp) >= behind[tp]:
                    del behind[tp]

    async def run(self) -> None:
        """Follow until cancelled."""
        if self._consumer is None:
            await self.start()
        consumer = self._consumer
        while consumer is not None:
            for key, value in await self._fetch(consumer):
                self._on_change(key, value)

    async def stop(self) -> None:
        """Close the consumer."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await asyncio.wait_for(consumer.stop(), OPERATION)

    async def _partitions(self, consumer: AIOKafkaConsumer) -> set[int]:
        # The public `partitions_for_topic` knows only subscribed topics, and subscribing to a missing one never ends.
        cluster = await asyncio.wait_for(consumer._client.fetch_all_metadata(), OPERATION)  # noqa: SLF001
        partitions: set[int] = cluster.partitions_for_topic(self.topic) or set()
        return partitions

    async def _fetch(self, consumer: AIOKafkaConsumer) -> list[tuple[bytes, bytes | None]]:
        changes = []
        async with asyncio.timeout(OPERATION):  # `wait_for` of Python 3.11 can lose a cancellation
            fetched = await consumer.getmany(timeout_ms=500)
        for records in fetched.values():
            for record in records:
                if record.key is None:
                    continue  # compacted topics refuse these; a look-alike may not
                await self._keep(record.key, record.value)
                changes.append((record.key, record.value))
        return changes

    async def _kept(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value
