"""What the batch transport leans on in Faust, mode and aiokafka: fails when a new version changes it."""

import asyncio
import contextlib
import inspect
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiokafka
import faust
import pytest
from aiokafka.consumer.fetcher import Fetcher
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.runtime.batch import Batch
from streams.runtime.transport import ALL_PAUSED, CODEC, BatchApp, BatchConsumer, BatchTransport, ReadCommittedConsumer
from tests.unit.runtime.records import Record, records

PARTITION = TP("source", 0)
OTHER = TP("source", 1)
ConsumerOf = Callable[..., Any]
PINS = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(("package", "pin"), PINS.items())
def test_the_pinned_versions_are_the_ones_that_run(package: str, pin: str, root: Path) -> None:
    assert version(package) == pin
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert f"{package}=={pin}" in project["dependencies"]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (faust.App._new_transport, ["self"]),
        (driver.AIOKafkaConsumerThread._create_worker_consumer, ["self", "transport"]),
        (
            driver.AIOKafkaConsumerThread._fetch_records,
            ["self", "consumer", "active_partitions", "timeout", "max_records"],
        ),
        (driver.Consumer._new_consumer_thread, ["self"]),
        (driver.Consumer.getmany, ["self", "timeout"]),
        (driver.Consumer._wait_next_records, ["self", "timeout"]),
        (driver.Consumer._get_active_partitions, ["self"]),
        (driver.Consumer._add_gap, ["self", "tp", "offset_from", "offset_to"]),
        (driver.Consumer._new_offset, ["self", "tp"]),
        (driver.Consumer._seek, ["self", "partition", "offset"]),
        (driver.Consumer._commit, ["self", "offsets"]),
        (driver.Consumer.perform_seek, ["self"]),
        (driver.AIOKafkaConsumerThread.seek, ["self", "partition", "offset"]),
        (driver.AIOKafkaConsumerThread.seek_wait, ["self", "partitions"]),
        (driver.AIOKafkaConsumerThread.seek_to_committed, ["self"]),
        (driver.Consumer.highwater, ["self", "tp"]),
        (Fetcher.fetched_records, ["self", "partitions", "timeout", "max_records"]),
        (aiokafka.AIOKafkaProducer.create_batch, ["self"]),
        (aiokafka.AIOKafkaProducer.send_batch, ["self", "batch", "topic", "partition"]),
    ],
)
def test_what_is_overridden_and_called_has_the_known_signature(method: Any, expected: list[str]) -> None:
    assert parameters(method) == expected


def test_the_message_that_is_yielded_takes_these_fields_in_this_order() -> None:
    assert parameters(ConsumerMessage.__init__)[1:12] == [
        "topic",
        "partition",
        "offset",
        "timestamp",
        "timestamp_type",
        "headers",
        "key",
        "value",
        "checksum",
        "serialized_key_size",
        "serialized_value_size",
    ]
    assert {"tp", "generation_id"} <= set(parameters(ConsumerMessage.__init__))


def test_aiokafka_hands_what_is_changed_to_its_fetcher_at_the_start() -> None:
    # It is set on the consumer after it was made and before it is started.
    source = inspect.getsource(aiokafka.AIOKafkaConsumer.start)
    assert "isolation_level=self._isolation_level" in source
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in source


@pytest.fixture
def app() -> BatchApp:
    """Return an app that never connects."""
    return BatchApp("test", broker="kafka://127.0.0.1:1", autodiscover=False, web_enabled=False)


@pytest.fixture
async def consumer_of() -> ConsumerOf:
    """Return a function that makes consumers, which are never started."""

    async def callback(*_: Any) -> None:
        raise AssertionError("nothing is assigned here")

    def make(app: BatchApp, kind: type[BatchConsumer] = BatchConsumer) -> Any:
        return kind(
            app.transport,
            callback=callback,
            on_partitions_revoked=callback,
            on_partitions_assigned=callback,
            loop=asyncio.get_running_loop(),
        )

    return make


async def test_the_app_reads_through_the_batch_transport(app: BatchApp, consumer_of: ConsumerOf) -> None:
    assert isinstance(app.transport, BatchTransport)
    assert app.transport.Consumer is BatchConsumer
    assert isinstance(consumer_of(app)._thread, ReadCommittedConsumer)


async def test_only_committed_records_are_read(app: BatchApp, consumer_of: ConsumerOf) -> None:
    thread = consumer_of(app)._thread
    consumer = thread._create_worker_consumer(app.transport)
    assert consumer._isolation_level == "read_committed"
    assert consumer._fetch_max_wait_ms == 50
    assert consumer._enable_auto_commit is False
    await consumer.stop()


def test_the_codec_hands_batches_through() -> None:
    batch = Batch("source", 0, [], 0)
    codec = faust.serializers.codecs.get_codec(CODEC)
    assert codec.loads(batch) is batch


class FakeFetcher:
    """Stands where aiokafka keeps its fetcher: gives what it was told to."""

    _closed = False

    def __init__(self, *fetches: dict[TP, list[Record]]) -> None:
        self._fetches = list(fetches)
        self._subscriptions = self

    @contextlib.contextmanager
    def fetch_context(self) -> Iterator[None]:
        """Stand for a fetch that is under way."""
        yield

    async def fetched_records(self, _: set[TP], **__: Any) -> dict[TP, list[Record]]:
        """Return the next fetch."""
        return self._fetches.pop(0)


class FakeKafkaConsumer:
    """Stands for aiokafka's consumer."""

    _closed = False

    def __init__(self, *fetches: Sequence[int]) -> None:
        self._fetcher = FakeFetcher(*({PARTITION: records(fetch)} for fetch in fetches))


async def chain(consumer: Any, *fetches: Sequence[int]) -> list[int]:
    """Return what each of the fetches is said to follow."""
    consumer.flow_active = True
    kafka = FakeKafkaConsumer(*fetches)
    follows = []
    for fetch in fetches:
        result = await consumer._thread._fetch_records(kafka, {PARTITION}, timeout=1.0, max_records=10)
        got, follow = result[PARTITION]
        assert [record.offset for record in got] == list(fetch)
        follows.append(follow)
    return follows


async def test_a_fetch_follows_the_one_before(app: BatchApp, consumer_of: ConsumerOf) -> None:
    assert await chain(consumer_of(app), range(3), range(3, 7), range(7, 8)) == [0, 3, 7]


async def test_transaction_markers_between_two_fetches_are_no_hole(app: BatchApp, consumer_of: ConsumerOf) -> None:
    assert await chain(consumer_of(app), [0, 1, 2], [4, 5], [9]) == [0, 3, 6]


async def test_a_fetch_that_was_dropped_shows_in_the_next(app: BatchApp, consumer_of: ConsumerOf) -> None:
    # The applied offset is 3 when [3, 4, 5] is dropped: the next batch follows 6, which is more.
    assert (await chain(consumer_of(app), [0, 1, 2], [3, 4, 5], [6, 7]))[2] == 6


async def test_a_fetch_that_was_sought_back_follows_what_comes_again(app: BatchApp, consumer_of: ConsumerOf) -> None:
    assert await chain(consumer_of(app), [0, 1, 2], [3, 4, 5], [3, 4, 5, 6], [7]) == [0, 3, 3, 7]


async def test_nothing_is_fetched_while_the_flow_is_stopped(app: BatchApp, consumer_of: ConsumerOf) -> None:
    consumer = consumer_of(app)
    consumer.flow_active = False
    assert await consumer._thread._fetch_records(FakeKafkaConsumer([0]), {PARTITION}) == {}


class Scripted(BatchConsumer):
    """Hands over one fetch that the test wrote; notes what is sought."""

    fetched: dict[TP, tuple[list[Record], int]]
    active: set[TP]
    sought: list[tuple[TP, int]]
    committed_sought = 0
    slept: list[float]

    async def _wait_next_records(self, _: float) -> Any:
        return self.fetched, self.active

    def _get_active_partitions(self) -> set[TP]:
        return self.active

    async def _seek(self, partition: TP, offset: int) -> None:
        self.sought.append((partition, offset))

    async def perform_seek(self) -> None:
        """Count it."""
        self.committed_sought += 1

    def highwater(self, _: TP) -> int:
        """Return the end of the log."""
        return 100

    async def sleep(self, n: Any, **_: Any) -> None:
        """Note it."""
        self.slept.append(n)


def scripted(
    consumer: Scripted, fetched: dict[TP, tuple[list[Record], int]], active: set[TP], *, flowing: bool = True
) -> Scripted:
    consumer.fetched, consumer.active = fetched, active
    consumer.sought, consumer.slept = [], []
    consumer.flow_active = flowing
    return consumer


async def test_each_partition_of_a_fetch_is_one_message(app: BatchApp, consumer_of: ConsumerOf) -> None:
    first, second = records([3, 4, 7]), records([9], partition=1)
    consumer = scripted(consumer_of(app, Scripted), {PARTITION: (first, 3), OTHER: (second, 8)}, {PARTITION, OTHER})
    messages = [found async for found in consumer.getmany(1.0)]
    assert [tp for tp, _ in messages] == [PARTITION, OTHER]
    assert [message.value for _, message in messages] == [
        Batch("source", 0, first, 3),
        Batch("source", 1, second, 8),
    ]
    assert [message.offset for _, message in messages] == [7, 9]
    assert [message.tp for _, message in messages] == [PARTITION, OTHER]
    assert {message.generation_id for _, message in messages} == {app.consumer_generation_id}
    assert consumer.sought == []


async def test_what_is_not_handed_on_is_sought_back(app: BatchApp, consumer_of: ConsumerOf) -> None:
    consumer = scripted(
        consumer_of(app, Scripted), {PARTITION: (records([3, 4]), 3), OTHER: (records([9], partition=1), 9)}, {OTHER}
    )
    assert [tp async for tp, _ in consumer.getmany(1.0)] == [OTHER]
    assert consumer.sought == [(PARTITION, 3)]


async def test_a_buffered_partition_is_handed_on_though_it_is_paused(app: BatchApp, consumer_of: ConsumerOf) -> None:
    consumer = scripted(consumer_of(app, Scripted), {PARTITION: (records([3]), 3)}, {OTHER})
    consumer._buffered_partitions.add(PARTITION)
    assert [tp async for tp, _ in consumer.getmany(1.0)] == [PARTITION]


async def test_a_fetch_that_meets_a_stopped_flow_is_given_back_by_a_seek(
    app: BatchApp, consumer_of: ConsumerOf
) -> None:
    consumer = scripted(consumer_of(app, Scripted), {PARTITION: (records([3]), 3)}, {PARTITION}, flowing=False)
    assert [found async for found in consumer.getmany(1.0)] == []
    assert consumer.committed_sought == 1


async def test_a_rebalance_in_the_middle_of_a_fetch_ends_it(app: BatchApp, consumer_of: ConsumerOf) -> None:
    fetched = {PARTITION: (records([3]), 3), OTHER: (records([9], partition=1), 9)}
    consumer = scripted(consumer_of(app, Scripted), fetched, {PARTITION, OTHER})
    taken = []
    async for tp, _ in consumer.getmany(1.0):
        taken.append(tp)
        app.consumer_generation_id += 1
    assert taken == [PARTITION]


async def test_with_every_partition_paused_it_waits_a_moment_and_no_second(
    app: BatchApp, consumer_of: ConsumerOf
) -> None:
    consumer = scripted(consumer_of(app, Scripted), {}, set())
    assert [found async for found in consumer.getmany(1.0)] == []
    assert consumer.slept == [ALL_PAUSED]
    assert ALL_PAUSED < 0.05


async def test_faust_itself_commits_nothing(app: BatchApp, consumer_of: ConsumerOf) -> None:
    # The group learns the applied offset from the flow; an acknowledgement is no proof of a commit.
    consumer = consumer_of(app)
    consumer._acked[PARTITION] = [99, 499]
    consumer._acked_index[PARTITION] = {99, 499}
    consumer._committed_offset[PARTITION] = 0
    assert consumer._new_offset(PARTITION) is None
    assert not consumer._acked[PARTITION]
    assert not consumer._acked_index[PARTITION]


class Positions:
    """Stands for aiokafka's consumer: what was committed, what is sought."""

    def __init__(self, committed: dict[TP, int | None]) -> None:
        """Remember what the group has committed."""
        self.committed = committed
        self.sought: dict[TP, int] = {}

    async def seek_to_committed(self, *_: TP) -> dict[TP, int | None]:
        """Seek as aiokafka 0.14 does: a committed offset of 0 moves nothing."""
        self.sought |= {tp: offset for tp, offset in self.committed.items() if offset and offset > 0}
        return self.committed

    def seek(self, partition: TP, offset: int) -> None:
        """Move a position."""
        self.sought[partition] = offset


@pytest.fixture
async def seeker(app: BatchApp, consumer_of: ConsumerOf) -> Any:
    """Return what seeks for Faust's consumer."""
    return consumer_of(app)._thread


def test_aiokafka_does_not_seek_to_a_committed_offset_of_zero() -> None:
    # The reason why it is sought here; when this changes, the seek of our own may go.
    assert "if offset and offset > 0:" in inspect.getsource(aiokafka.AIOKafkaConsumer.seek_to_committed)


async def test_after_a_rebalance_the_chain_begins_where_the_position_is(seeker: Any) -> None:
    third = TP("source", 2)
    seeker._consumer = Positions({PARTITION: 0, OTHER: 7, third: None})
    seeker.fetched = {PARTITION: 10, third: 4, TP("source", 9): 3}
    await seeker.seek_to_committed()
    assert seeker._consumer.sought == {PARTITION: 0, OTHER: 7}
    assert seeker.fetched == {PARTITION: 0, OTHER: 7}


async def test_a_partition_that_is_sought_begins_a_new_chain(seeker: Any) -> None:
    seeker._consumer = Positions({})
    seeker.seek(PARTITION, 5)
    assert seeker.fetched == seeker._consumer.sought == {PARTITION: 5}


async def test_the_marker_behind_the_applied_offset_is_no_hole(app: BatchApp, consumer_of: ConsumerOf) -> None:
    consumer = consumer_of(app)
    consumer.flow_active = True
    thread = consumer._thread
    thread.fetched[PARTITION] = 10  # sought there after a restart; 10 holds the marker of a transaction
    result = await thread._fetch_records(FakeKafkaConsumer([11, 12]), {PARTITION}, timeout=1.0, max_records=10)
    assert result[PARTITION][1] == 10


async def test_no_gaps_are_kept(app: BatchApp, consumer_of: ConsumerOf) -> None:
    consumer = consumer_of(app)
    await consumer._add_gap(PARTITION, 5, 10)
    assert not consumer._gap[PARTITION]
