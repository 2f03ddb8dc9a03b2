import asyncio
from importlib.metadata import version
from time import monotonic

from aiokafka import AIOKafkaClient

from streams.runtime.producing import PATIENCE, new_producer


def test_it_leans_on_this_version_of_aiokafka() -> None:
    assert version("aiokafka") == "0.14.0"
    assert callable(AIOKafkaClient._metadata_update)


async def test_metadata_is_not_asked_for_again_at_once_while_nobody_answers() -> None:
    producer = new_producer({"bootstrap_servers": "127.0.0.1:1"})
    started = monotonic()
    async with asyncio.timeout(5):
        for _ in range(3):
            assert not await producer.client._metadata_update(producer.client.cluster, [])
    assert monotonic() - started >= 3 * PATIENCE
    await producer.stop()
