"""Topics of one test, and fenced tables over them."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from streams.runtime.fenced import FencedTable
from streams.runtime.owned import Times

SMALL_SEGMENTS: dict[str, Any] = {
    "cleanup.policy": "compact",
    "segment.bytes": "1048576",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
}


COMPACT: dict[str, Any] = {"cleanup.policy": "compact"}


class Place:
    """Topics of one test, and tables over them."""

    def __init__(self, bootstrap: str) -> None:
        """Choose a prefix."""
        self.bootstrap = bootstrap
        self.prefix = f"rt-{uuid.uuid4().hex[:10]}-"
        self.connection = {"bootstrap_servers": bootstrap}
        self.admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self.source, self.state, self.out = (f"{self.prefix}{name}" for name in ("source", "state", "out"))
        self._tables: list[FencedTable] = []

    def create(self, *names: str, partitions: int = 1, **config: str) -> None:
        """Create topics."""
        topics = [NewTopic(name, partitions, 1, config=config) for name in names]
        for future in self.admin.create_topics(topics).values():
            future.result(20)

    def begin(self, partitions: int = 1, **state: str) -> None:
        """Create the three topics of a table."""
        self.create(self.source, self.out, partitions=partitions)
        self.create(self.state, partitions=partitions, **{**COMPACT, **state})

    def table(self, partitions: int = 1, **more: Any) -> FencedTable:
        """Return another owner of the table; it is stopped with the test."""
        table = FencedTable(
            source=self.source,
            topic=self.state,
            transactional_prefix=f"{self.prefix}role",
            connection=self.connection,
            partitions=partitions,
            times=Times(transaction=10.0),
            **more,
        )
        self._tables.append(table)
        return table

    def produce(self, topic: str, values: Mapping[str, int | None] | list[tuple[str, str]]) -> None:
        """Append records to partition 0."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "log_level": 0, "acks": "all"})
        for key, value in values.items() if isinstance(values, Mapping) else values:
            producer.produce(topic, None if value is None else str(value), key, partition=0)
        assert producer.flush(20) == 0

    async def read(self, topic: str, partitions: int = 1) -> list[tuple[bytes | None, bytes | None]]:
        """Return key and value of everything that a reader of committed records sees now, from offset 0."""
        consumer = AIOKafkaConsumer(
            **self.connection, isolation_level="read_committed", auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        try:
            tps = [TopicPartition(topic, partition) for partition in range(partitions)]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            ends = await consumer.end_offsets(tps)
            found = []
            async with asyncio.timeout(20):
                while any([await consumer.position(tp) < ends[tp] for tp in tps]):
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += [(record.key, record.value) for record in records]
            return found
        finally:
            await consumer.stop()

    async def close(self) -> None:
        """Stop the tables."""
        for table in self._tables:
            await table.stop()


async def put(
    table: FencedTable, changes: Mapping[bytes, bytes | None], applied: int | None, partition: int = 0
) -> None:
    """Commit some changes."""
    async with table.owned[partition].turn:
        unit = table.unit(partition, int(time.time() * 1000))
        for key, value in changes.items():
            unit.put(key, value)
        await table.commit(unit, applied)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Return as soon as it holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  the broker sets no event
            await asyncio.sleep(0.05)
