"""Restoring: the state topic and the begin of the source in, an owned partition that is up to date out."""

import asyncio
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.runtime.owned import Owned

APPLIED: Final = b"\0applied"  # the reserved key: its value is the next source offset
# Seconds after which what was read before is read anew: the topic keeps removed keys for ten minutes only, and whoever
# was paused for longer would miss a removal.
TRUSTED: Final = 300.0
FETCH_BYTES: Final = 4 << 20  # of one partition in one answer


class Lost(RuntimeError):
    """The source has dropped records that were never applied: retention was shorter than the outage."""


async def read(
    owned: Mapping[int, Owned], topic: str, source: str, connection: Mapping[str, Any], seconds: float
) -> dict[int, int]:
    """Bring every owned partition to the end of the state topic; return where each partition of the source begins.

    Call it after older holders were fenced: nothing is committed behind the end any more. `seconds` bounds every
    single await. Raises whatever aiokafka raises.
    """
    consumer = AIOKafkaConsumer(
        **connection,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await asyncio.wait_for(consumer.start(), seconds)
    try:
        await _catch_up(consumer, {TopicPartition(topic, partition): one for partition, one in owned.items()}, seconds)
        begins = consumer.beginning_offsets([TopicPartition(source, partition) for partition in owned])
        return {tp.partition: begin for tp, begin in (await asyncio.wait_for(begins, seconds)).items()}
    finally:
        await asyncio.wait_for(consumer.stop(), seconds)


async def _catch_up(consumer: AIOKafkaConsumer, partitions: Mapping[TopicPartition, Owned], seconds: float) -> None:
    consumer.assign(list(partitions))
    async with asyncio.timeout(seconds):
        begins = await consumer.beginning_offsets(list(partitions))
        ends = await consumer.end_offsets(list(partitions))
    now = monotonic()
    for tp, owned in partitions.items():
        if owned.position < ends[tp] and now - owned.read_at > TRUSTED:
            _emptied(owned)
        owned.position = max(owned.position, begins[tp])
        consumer.seek(tp, owned.position)
    behind = {tp for tp, owned in partitions.items() if owned.position < ends[tp]}
    while behind:
        for tp, records in (await asyncio.wait_for(consumer.getmany(*behind, timeout_ms=200), seconds)).items():
            _loaded(partitions[tp], records)
        for tp in list(behind):
            owned = partitions[tp]
            owned.position = await asyncio.wait_for(consumer.position(tp), seconds)  # passes transaction markers
            if owned.position >= ends[tp]:
                behind.discard(tp)
    for owned in partitions.values():
        owned.read_at = now


def _emptied(owned: Owned) -> None:
    for key in owned.data:
        if owned.ages is not None:
            owned.ages.forget(key)
    owned.data.clear()
    owned.applied, owned.position, owned.indexed = None, 0, False


def _loaded(owned: Owned, records: Iterable[Any]) -> None:
    data, ages = owned.data, owned.ages
    owned.indexed = False
    for record in records:
        key, value = record.key, record.value
        if key == APPLIED:
            owned.applied = int(value)
        elif value is None:
            data.pop(key, None)
            if ages is not None:
                ages.forget(key)
        else:
            data[key] = value
            if ages is not None:
                ages.seen(key, record.timestamp)
