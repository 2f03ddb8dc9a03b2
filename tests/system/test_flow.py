"""A flow over a transactional source, and our partitions, on a real broker."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from streams.runtime.partitioner import partition_of
from tests.system.kafka import Kafka
from tests.system.place import Place, until
from tests.system.processes import Worker, environment, python

pytestmark = pytest.mark.system

HERE = Path(__file__).resolve().parent


def test_our_partitions_are_those_of_librdkafka(kafka: Kafka) -> None:
    place = Place(kafka.bootstrap)
    place.create(place.source, partitions=7)
    producer = Producer(
        {"bootstrap.servers": kafka.bootstrap, "log_level": 0, "partitioner": "consistent", "acks": "all"}
    )
    found: dict[bytes, int] = {}
    keys = [b"conversation-%d" % number for number in range(200)] + ["π🎉".encode(), b"\x00\xff"]
    for key in keys:
        producer.produce(
            place.source, b"", key, on_delivery=lambda _, message: found.update({message.key(): message.partition()})
        )
    assert producer.flush(20) == 0
    assert found == {key: partition_of(key, 7) for key in keys}


async def _in_transactions(place: Place, numbers: range) -> None:
    producer = AIOKafkaProducer(**place.connection, transactional_id=f"{place.prefix}feed")
    await producer.start()
    try:
        for number in numbers:
            await producer.begin_transaction()
            await producer.send_and_wait(place.source, b"%d" % number, key=b"k%d" % (number % 3), partition=0)
            await producer.commit_transaction()
    finally:
        await producer.stop()


async def test_a_flow_over_a_transactional_source_goes_on_where_it_stopped(place: Place, tmp_path: Path) -> None:
    """Between the applied offset and the next record lies the marker of a transaction: no hole."""
    place.begin()
    settings = environment(bootstrap=place.bootstrap, topic_prefix=place.prefix, partitions=1, session_timeout=3.0)
    command = python(str(HERE / "flow_worker.py"), place.prefix)

    async def copied(count: int) -> None:
        async def there() -> bool:
            return len(await place.read(place.out)) >= count

        await until(there, 30)

    await _in_transactions(place, range(15))
    worker = Worker("copy", command, settings, tmp_path / "first.log")
    try:
        await copied(15)
        assert await asyncio.to_thread(worker.leave) == 0
    finally:
        worker.close()
    await _in_transactions(place, range(15, 30))
    worker = Worker("copy", command, settings, tmp_path / "second.log")
    try:
        await copied(30)
        assert worker.restarts == 0
    finally:
        worker.close()
    assert [int(value or b"") for _, value in await place.read(place.out)] == list(range(30))
    table = place.table()
    await table.restore({0})
    assert table.owned[0].data == {b"k0": b"10", b"k1": b"10", b"k2": b"10"}
