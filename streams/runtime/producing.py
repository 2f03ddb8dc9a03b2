"""Record batches to Kafka: many records in one call, all acknowledged when it returns.

Two habits of aiokafka 0.14.0 are changed here (tests/unit/runtime/test_producing.py fails when they change):
- after a transaction the coordinator still writes its markers for a few milliseconds and answers the next one with
  CONCURRENT_TRANSACTIONS; `sender.BACKOFF_OVERRIDE` then waits 20 ms, longer than the whole transaction takes;
- while no broker answers, the sender asks for metadata again at once, thousands of times a second.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.producer import sender

Headers = list[tuple[str, bytes]]  # aiokafka takes nothing but a list
Out = tuple[bytes | None, bytes | None, Headers]  # key, value, headers
NO_HEADERS: Final[Headers] = []
BATCH_BYTES: Final = 1 << 20
REQUEST_BYTES: Final = 4 << 20


MARKERS: Final = 0.004  # seconds to wait for the markers of the transaction before
PATIENCE: Final = 0.25  # seconds between two questions for metadata that nobody answers

sender.BACKOFF_OVERRIDE = MARKERS


def new_producer(connection: Mapping[str, Any], **options: Any) -> AIOKafkaProducer:
    """Return a producer for record batches that is not started yet; `options` are aiokafka's."""
    producer = AIOKafkaProducer(
        **connection, max_batch_size=BATCH_BYTES, max_request_size=REQUEST_BYTES, linger_ms=0, **options
    )
    update = producer.client._metadata_update  # noqa: SLF001

    async def patiently(*arguments: Any) -> bool:
        updated: bool = await update(*arguments)
        if not updated:
            await asyncio.sleep(PATIENCE)
        return updated

    producer.client._metadata_update = patiently  # noqa: SLF001
    return producer


async def sent(
    producer: AIOKafkaProducer, records: Mapping[str, Mapping[int, Iterable[Out]]]
) -> dict[tuple[str, int], int]:
    """Send {topic: {partition: records in order}}; return {(topic, partition): offset of the last record}.

    All are acknowledged when this returns. Raises whatever the producer raises: of a record that the topic does not
    take, MessageSizeTooLargeError.
    """
    places: list[tuple[str, int, int]] = []
    futures: list[asyncio.Future[Any]] = []
    for topic, by_partition in records.items():
        for partition, outs in by_partition.items():
            for batch, count in _batches(producer, outs):
                futures.append(await producer.send_batch(batch, topic, partition=partition))
                places.append((topic, partition, count))
    # No task for each batch: a small transaction has half a dozen, and would spend more on tasks than on records.
    results = await asyncio.gather(*futures, return_exceptions=True)
    last = {}
    for (topic, partition, count), result in zip(places, results, strict=True):
        if isinstance(result, BaseException):
            raise result
        last[topic, partition] = result.offset + count - 1  # it tells of the batch's first record
    return last


def _batches(producer: AIOKafkaProducer, records: Iterable[Out]) -> Iterator[tuple[Any, int]]:
    """Yield closed batches and how many records each holds; a record larger than a batch gets one for itself."""
    batch, count = producer.create_batch(), 0
    for key, value, headers in records:
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:  # full
            batch.close()
            yield batch, count
            batch, count = producer.create_batch(), 0
            batch.append(key=key, value=value, timestamp=None, headers=headers)
        count += 1
    if count:
        batch.close()
        yield batch, count
