"""An idempotent producer of single records, for what needs no transaction.

One habit of aiokafka 0.14.0 is changed here (tests/unit/runtime/test_producing.py fails when it changes): while no
broker answers, its sender asks for metadata again at once, thousands of times a second.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer

PATIENCE: Final = 0.25  # seconds between two questions for metadata that nobody answers


def new_producer(connection: Mapping[str, Any]) -> AIOKafkaProducer:
    """Return an idempotent producer that is not started yet; `connection` holds aiokafka's options."""
    producer = AIOKafkaProducer(**connection, enable_idempotence=True)
    update = producer.client._metadata_update  # noqa: SLF001

    async def patiently(*arguments: Any) -> bool:
        updated: bool = await update(*arguments)
        if not updated:
            await asyncio.sleep(PATIENCE)
        return updated

    producer.client._metadata_update = patiently  # noqa: SLF001
    return producer
