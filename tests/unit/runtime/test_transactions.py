"""A producer of transactions against a coordinator and leaders that answer as the test says."""

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaClient
from aiokafka.client import ConnectionGroup
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    InvalidTxnState,
    KafkaConnectionError,
    MessageSizeTooLargeError,
    ProducerFenced,
)
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.structs import TopicPartition

from streams.runtime.transactions import BATCH_BYTES, NO_HEADERS, SEQUENCES, Out, TransactionalProducer

SMALL: Out = (b"k", b"v", NO_HEADERS)
COORDINATOR, LEADER, SECOND = 9, 1, 2

Fault = int | Exception  # an error code, or what the client raises


class Cluster:
    """Knows who leads a partition."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self.leaders: dict[str, int] = {}

    def leader_for_partition(self, tp: TopicPartition) -> int | None:
        """Return the leader."""
        return self.leaders.get(tp.topic)


class Broker:
    """Stands for aiokafka's client and the brokers behind it: logs in memory, faults on request."""

    def __init__(self) -> None:
        """Have empty logs."""
        self.cluster = Cluster()
        self.led = {"a": LEADER, "b": LEADER, "far": SECOND}
        self.elected: dict[str, int] = {}  # who leads after the next look at the metadata
        self.named: list[tuple[str, int]] = []
        self.steps: list[str] = []
        self.faults: dict[str, list[Fault]] = {"init": [], "name": [], "produce": [], "end": []}
        self.logs: dict[tuple[str, int], list[tuple[int, int]]] = {}  # (base sequence, records) of each batch
        self.requests: list[dict[tuple[str, int], int]] = []
        self.lose_answer = False
        self.lookups = 0

    async def bootstrap(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect."""
        self.steps.append("close")

    async def coordinator_lookup(self, _kind: object, _key: str) -> int:
        """Find the coordinator."""
        self.lookups += 1
        return COORDINATOR

    async def force_metadata_update(self) -> None:
        """Learn who leads what is known by name."""
        for topic in self.cluster.leaders:
            self.cluster.leaders[topic] = self.led[topic]
        self.led.update(self.elected)

    async def add_topic(self, topic: str) -> None:
        """Learn who leads a topic."""
        self.cluster.leaders[topic] = self.led[topic]

    async def send(self, node: int, request: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT) -> Any:
        """Answer a request."""
        handlers: dict[type, tuple[str, Callable[[Any, int], Any]]] = {
            InitProducerIdRequest: ("init", self._init),
            AddPartitionsToTxnRequest: ("name", self._name),
            ProduceRequest: ("produce", self._produce),
            EndTxnRequest: ("end", self._end),
        }
        step, handler = handlers[type(request)]
        if step == "produce":
            assert (group, node in {LEADER, SECOND}) == (ConnectionGroup.DEFAULT, True)
        else:
            assert (group, node) == (ConnectionGroup.COORDINATION, COORDINATOR)
        self.steps.append(step)
        fault = self.faults[step].pop(0) if self.faults[step] else 0
        if isinstance(fault, Exception):
            raise fault
        return handler(request, fault)

    def _init(self, request: Any, code: int) -> Any:
        assert (request._transactional_id, request._transaction_timeout_ms) == ("id", 10_000)
        return SimpleNamespace(error_code=code, producer_id=7, producer_epoch=3)

    def _name(self, request: Any, code: int) -> Any:
        assert (request._producer_id, request._producer_epoch) == (7, 3)
        if not code:
            self.named += [(topic, partition) for topic, partitions in request._topics for partition in partitions]
        return SimpleNamespace(errors=[(topic, [(p, code) for p in ps]) for topic, ps in request._topics])

    def _produce(self, request: Any, code: int) -> Any:
        assert (request._transactional_id, request._required_acks) == ("id", -1)
        answers = []
        self.requests.append({(topic, p): len(data) for topic, ps in request._topics for p, data in ps})
        for topic, partitions in request._topics:
            offsets = []
            for partition, data in partitions:
                assert (topic, partition) in self.named
                log = self.logs.setdefault((topic, partition), [])
                batch = DefaultRecordBatch(data)
                assert (batch.producer_id, batch.producer_epoch, batch.is_transactional) == (7, 3, True)
                first = batch.base_sequence
                before = sum(count for _, count in log)
                if code:
                    offsets.append((partition, code, -1, -1, 0))
                elif (first, len(list(batch))) in log:
                    offsets.append((partition, 46, -1, -1, 0))
                else:
                    assert first == before % SEQUENCES
                    log.append((first, batch.next_offset - batch.base_offset))
                    offsets.append((partition, 0, before, -1, 0))
            answers.append((topic, offsets))
        if self.lose_answer:
            self.lose_answer = False
            raise KafkaConnectionError
        return SimpleNamespace(topics=answers)

    def _end(self, request: Any, code: int) -> Any:
        assert request._transaction_result is True
        if not code:
            self.named.clear()
        return SimpleNamespace(error_code=code)


@pytest.fixture
def broker() -> Any:
    """Return one."""
    return Broker()


async def started(broker: Any) -> TransactionalProducer:
    producer = TransactionalProducer(broker, "id", timeout=10)
    async with asyncio.timeout(5):
        await producer.start()
    return producer


def test_it_leans_on_this_version_of_aiokafka() -> None:
    assert version("aiokafka") == "0.14.0"
    for name in ("bootstrap", "close", "coordinator_lookup", "send", "add_topic", "force_metadata_update"):
        assert callable(getattr(AIOKafkaClient, name))


async def test_a_transaction_is_three_requests_for_each_node(broker: Any) -> None:
    producer = await started(broker)
    last = await producer.write({"a": {0: [SMALL] * 3, 2: [SMALL]}, "b": {1: [SMALL, (b"k", None, [("h", b"x")])]}})
    assert last == {("a", 0): 2, ("a", 2): 0, ("b", 1): 1}
    await producer.commit()
    assert broker.steps == ["init", "name", "produce", "end"]
    assert await producer.write({"a": {0: [SMALL]}, "far": {0: [SMALL]}}) == {("a", 0): 3, ("far", 0): 0}
    await producer.commit()
    assert broker.steps[4:] == ["name", "produce", "produce", "end"]
    await producer.stop()
    assert broker.steps[-1] == "close"


async def test_nothing_to_write_is_no_transaction(broker: Any) -> None:
    producer = await started(broker)
    assert await producer.write({"a": {0: []}, "b": {}}) == {}
    await producer.commit()
    assert broker.steps == ["init"]


async def test_what_does_not_fit_into_one_batch_goes_on_in_the_next_request(broker: Any) -> None:
    producer = await started(broker)
    large: Out = (b"k", bytes(BATCH_BYTES // 3), NO_HEADERS)
    assert await producer.write({"a": {0: [large] * 5, 1: [SMALL]}}) == {("a", 0): 4, ("a", 1): 0}
    assert broker.logs == {("a", 0): [(0, 2), (2, 2), (4, 1)], ("a", 1): [(0, 1)]}
    assert [sorted(request) for request in broker.requests] == [[("a", 0), ("a", 1)], [("a", 0)], [("a", 0)]]
    assert all(size <= BATCH_BYTES for request in broker.requests for size in request.values())


async def test_a_record_larger_than_a_batch_has_one_for_itself(broker: Any) -> None:
    producer = await started(broker)
    large: Out = (b"k", bytes(BATCH_BYTES + 1), NO_HEADERS)
    assert await producer.write({"a": {0: [large, SMALL, large, large]}}) == {("a", 0): 3}
    assert [count for _, count in broker.logs["a", 0]] == [1, 1, 1, 1]


@pytest.mark.parametrize("code", [51, 14, 15, 16], ids=["concurrent", "loading", "not available", "not coordinator"])
@pytest.mark.parametrize("step", ["init", "name", "end"])
async def test_the_coordinator_is_asked_until_it_agrees(broker: Any, step: str, code: int) -> None:
    broker.faults[step] = [code, code]
    async with asyncio.timeout(5):
        producer = await started(broker)
        await producer.write({"a": {0: [SMALL]}})
        await producer.commit()
    assert broker.steps.count(step) == 3
    assert broker.lookups == (1 if code == 51 else 3)
    assert broker.logs == {("a", 0): [(0, 1)]}


@pytest.mark.parametrize("fault", [6, 3, 7, 19, KafkaConnectionError()], ids=str)
async def test_a_write_is_tried_again_with_the_same_sequence(broker: Any, fault: Fault) -> None:
    producer = await started(broker)
    broker.faults["produce"] = [fault, fault]
    async with asyncio.timeout(5):
        assert await producer.write({"a": {0: [SMALL, SMALL]}}) == {("a", 0): 1}
        assert await producer.write({"a": {0: [SMALL]}}) == {("a", 0): 2}
    assert broker.logs == {("a", 0): [(0, 2), (2, 1)]}


async def test_a_batch_whose_acknowledgement_was_lost_is_not_written_twice(broker: Any) -> None:
    producer = await started(broker)
    broker.lose_answer = True
    async with asyncio.timeout(5):
        await producer.write({"a": {0: [SMALL, SMALL]}, "b": {0: [SMALL]}})
        await producer.commit()
    assert broker.logs == {("a", 0): [(0, 2)], ("b", 0): [(0, 1)]}


async def test_a_leader_that_has_moved_is_looked_up_again(broker: Any) -> None:
    producer = await started(broker)
    broker.led["a"], broker.elected["a"] = -1, SECOND
    async with asyncio.timeout(5):
        await producer.write({"a": {0: [SMALL]}})
    assert broker.logs == {("a", 0): [(0, 1)]}


@pytest.mark.parametrize("step", ["init", "name", "produce", "end"])
@pytest.mark.parametrize(
    ("code", "error"), [(47, ProducerFenced), (48, InvalidTxnState)], ids=["fenced", "invalid state"]
)
async def test_what_is_final_is_raised(broker: Any, step: str, code: int, error: type[Exception]) -> None:
    broker.faults[step] = [code]

    async def transaction() -> None:
        producer = await started(broker)
        await producer.write({"a": {0: [SMALL]}})
        await producer.commit()

    with pytest.raises(error):
        await transaction()
    assert broker.steps.count(step) == 1


async def test_a_record_that_the_topic_does_not_take_is_final(broker: Any) -> None:
    producer = await started(broker)
    broker.faults["produce"] = [10]
    with pytest.raises(MessageSizeTooLargeError):
        await producer.write({"a": {0: [SMALL]}})


async def test_a_coordinator_that_cannot_be_found_is_looked_for_again(broker: Any) -> None:
    producer = await started(broker)
    broker.faults["name"] = [GroupCoordinatorNotAvailableError(), KafkaConnectionError()]
    async with asyncio.timeout(5):
        assert await producer.write({"a": {0: [SMALL]}}) == {("a", 0): 0}
    assert broker.lookups == 3


async def test_sequences_begin_again_after_the_largest(broker: Any) -> None:
    producer = await started(broker)
    producer._sequences[TopicPartition("a", 0)] = SEQUENCES - 2
    broker.logs["a", 0] = [(0, SEQUENCES - 2)]
    await producer.write({"a": {0: [SMALL] * 5}})
    await producer.write({"a": {0: [SMALL]}})
    assert broker.logs["a", 0][1:] == [(SEQUENCES - 2, 5), (3, 1)]
