from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from typing import Any

import msgspec
import pytest
from confluent_kafka import KafkaError

from streams.adapters.wire import Reader
from streams.core.moment import iso
from streams.core.verdict import StandingOrder, VerdictRecord
from streams.metrics import Metrics
from streams.review.health import Health
from streams.review.relay import Relay, options
from streams.review.standing_by import Lease
from streams.runtime.partitioner import partition_of
from streams.settings import Settings
from streams.store.database import Database
from streams.store.outbox import put
from streams.store.sending import depth
from tests.waiting import until

Told = Callable[[KafkaError | None, Any], None]


class Broker:
    """Stands in for producer and brokers: keeps what is produced, acknowledges it as told."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.answer: KafkaError | None = None
        self.silent = False
        self.purged = 0
        self._waiting: list[Told] = []

    def __call__(self, _: Mapping[str, Any]) -> "Broker":
        """Return itself as the producer."""
        return self

    def produce(self, topic: str, value: bytes, key: bytes, partition: int, *, headers: Any, on_delivery: Told) -> None:
        """Keep a record."""
        self.records.append(
            {"topic": topic, "value": value, "key": key, "partition": partition, "headers": dict(headers)}
        )
        self._waiting.append(on_delivery)

    def poll(self, seconds: float) -> int:
        """Answer for what was produced."""
        if self.silent:
            Event().wait(min(seconds, 0.01))
            return 0
        waiting, self._waiting = self._waiting, []
        for told in waiting:
            told(self.answer, None)
        return len(waiting)

    def flush(self, seconds: float) -> int:
        """Answer, and return how many have no answer."""
        self.poll(seconds)
        return len(self._waiting)

    def purge(self) -> None:
        """Forget what has no answer."""
        self.purged += 1
        self._waiting.clear()


class Running:
    """A relay in a thread."""

    def __init__(self, database: Database, lease: Lease, health: Health, **settings: Any) -> None:
        self.database, self.broker, self.health, self.metrics = database, Broker(), health, Metrics()
        made: Any = self.broker
        self.relay = Relay(Settings(**settings), lease, health=health, metrics=self.metrics, producer=made)
        self.stop = Event()
        self.thread = Thread(target=self.relay.run, args=[self.stop])

    def put(self, *names: str) -> None:
        """Commit orders."""
        with self.database.writing() as writing:
            put(writing, [order(name) for name in names], 5)
        self.relay.wake()

    @property
    def left(self) -> int:
        """Return how many records wait."""
        with self.database.reading() as reading:
            return depth(reading)

    @property
    def names(self) -> list[str]:
        """Return the ids of what was produced."""
        return [record["headers"]["ce_id"].decode() for record in self.broker.records]


def order(name: str) -> StandingOrder:
    return StandingOrder("vex", name, "release", 3, "ada")


@pytest.fixture
def running(
    database: Database, lease: Callable[[str], Lease], health: Health, request: pytest.FixtureRequest
) -> Iterator[Running]:
    """Yield a relay that runs, with the settings of the test's parameter."""
    relay = Running(database, lease("ada"), health, **getattr(request, "param", {}))
    relay.thread.start()
    yield relay
    relay.stop.set()
    relay.relay.wake()
    relay.thread.join(10)
    assert not relay.thread.is_alive()


def test_what_lies_in_the_outbox_is_sent_in_order_and_goes_when_the_brokers_have_it(running: Running) -> None:
    running.put("o1", "o2")
    running.put("o3")
    until(lambda: running.left == 0)
    assert running.names == ["o1", "o2", "o3"]
    first = running.broker.records[0]
    assert (first["topic"], first["key"]) == ("moderation.verdicts", b"vex")
    assert first["partition"] == partition_of(b"vex", Settings().partitions)
    assert msgspec.json.decode(first["value"], type=VerdictRecord) == order("o1")
    assert first["headers"]["ce_type"] == b"moderation.standing_order.v1"
    assert first["headers"]["ce_subject"] == b"vex"
    assert first["headers"]["ce_time"] == iso(5).encode()


@pytest.mark.parametrize("running", [{"wire": "avro"}], indirect=True)
def test_records_have_the_wire_form_of_the_settings(running: Running) -> None:
    running.put("o1")
    until(lambda: running.left == 0)
    reader: Reader[StandingOrder] = Reader(StandingOrder, limit=10_000)
    assert reader.read(running.broker.records[0]["value"]) == order("o1")
    assert running.broker.records[0]["headers"]["content-type"] == b"application/avro"


def test_a_record_that_is_not_acknowledged_stays_and_is_not_sent_twice(running: Running) -> None:
    running.broker.silent = True
    running.put("o1")
    until(lambda: running.names == ["o1"])
    running.put("o2")
    until(lambda: running.names == ["o1", "o2"])
    assert running.left == 2
    running.broker.silent = False
    until(lambda: running.left == 0)
    assert running.names == ["o1", "o2"]


def test_a_refused_record_stays_is_told_and_is_tried_again(running: Running) -> None:
    running.broker.answer = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    running.put("o1")
    until(lambda: not running.health.ready())
    assert running.health.wrong == {"work": "Kafka refuses o1 on verdicts: TOPIC_AUTHORIZATION_FAILED"}
    assert running.left == 1
    running.broker.answer = None
    until(lambda: running.left == 0)
    assert set(running.names) == {"o1"}
    until(running.health.ready)


def test_what_was_left_behind_is_sent_at_the_next_start(
    database: Database, lease: Callable[[str], Lease], health: Health
) -> None:
    first = Running(database, lease("ada"), health)
    first.broker.silent = True
    first.thread.start()
    first.put("o1")
    until(lambda: first.names == ["o1"])
    first.stop.set()
    first.relay.wake()
    first.thread.join(10)
    assert first.broker.purged == 1
    second = Running(database, lease("bob"), health)
    second.thread.start()
    until(lambda: second.left == 0)
    assert second.names == ["o1"]
    second.stop.set()
    second.relay.wake()
    second.thread.join(10)


def test_only_who_holds_the_lease_sends(database: Database, lease: Callable[[str], Lease], health: Health) -> None:
    holder = lease("bob")
    holder.keep()
    relay = Running(database, lease("ada"), health)
    relay.thread.start()
    relay.put("o1")
    until(relay.health.ready)
    assert relay.names == []
    relay.stop.set()
    relay.relay.wake()
    relay.thread.join(10)
    assert relay.left == 1


def test_the_producer_neither_loses_nor_doubles_nor_reorders() -> None:
    found = options(Settings())
    assert (found["enable.idempotence"], found["acks"], found["delivery.timeout.ms"]) == (True, "all", 0)
