"""What is due becomes a record for its owner; nothing else does."""

import asyncio
from typing import cast

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from streams.agents.emission import Emission
from streams.agents.reminders import Reminders
from streams.core.effect import EffectsDue
from streams.runtime.deadlines import Deadlines
from tests.unit.agents.producers import Producer

TOPIC = "effects-s3"
EMISSION = Emission("", "execute", "json")


async def test_what_is_due_is_a_record_for_its_owner_and_what_waits_is_counted() -> None:
    deadlines, producer = Deadlines(int), Producer(TOPIC)
    deadlines.changed(3, {b"v1": b"5", b"v2": b"99999999999999"})
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def count(waiting: int) -> None:
        if not told.done():
            told.set_result(waiting)

    reminders = Reminders(
        deadlines, lambda: cast("AIOKafkaProducer", producer), EMISSION.effects_due, TOPIC, every=0.0, count=count
    )
    running = asyncio.ensure_future(reminders())
    async with asyncio.timeout(60):
        assert await told == 2
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    ((key, value, partition),) = producer.sent
    assert (key, partition) == (b"v1", 3)
    assert msgspec.json.decode(value, type=EffectsDue).content_id == "v1"
    assert producer.stopped
