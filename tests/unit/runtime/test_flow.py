import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streams.runtime.batch import Batch, Record
from streams.runtime.fenced import FencedTable
from streams.runtime.flow import Flow
from streams.runtime.observer import Observer
from streams.runtime.unit import Unit
from tests.unit.runtime.records import records

Handler = Callable[[Sequence[Record], Unit], Awaitable[None]]


@dataclass
class Owned:
    """An owned partition without a producer."""

    applied: int | None = 0
    restored: bool = True
    data: dict[bytes, bytes] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Table:
    """Stands for a fenced table: commits by writing down."""

    source = "source"

    def __init__(self, applied: dict[int, int | None]) -> None:
        """Own partitions with their applied offsets."""
        self.owned = {partition: Owned(offset) for partition, offset in applied.items()}
        self.committed: list[tuple[int, list[int], int]] = []  # partition, offsets, applied offset
        self.handled: list[int] = []

    def unit(self, partition: int, now: int) -> Unit:
        """Return an empty unit of work."""
        self.handled = []
        return Unit(partition, 4, self.owned[partition].data, now)

    async def commit(self, unit: Unit, applied: int) -> None:
        """Write down what was committed."""
        await asyncio.sleep(0)
        self.owned[unit.partition].applied = applied
        offsets = [int(key) for key in unit.changes]
        self.committed.append((unit.partition, offsets, applied))


class Replays(Observer):
    """Counts replayed records."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.count = 0

    def replayed(self, records: int) -> None:
        """Add to the count."""
        self.count += records


async def note(found: Sequence[Record], unit: Unit) -> None:
    for record in found:
        unit.put(b"%d" % record.offset, b"")


def flow_of(table: Table, handler: Handler = note, chunk: int | None = None, observer: Observer | None = None) -> Flow:
    return Flow("test", cast("FencedTable", table), handler, chunk=chunk, observer=observer)


def batch(offsets: Iterable[int], follows: int | None = None, partition: int = 0) -> Batch:
    found = records(offsets, partition=partition)
    return Batch("source", partition, found, found[0].offset if follows is None else follows)


async def test_a_batch_is_one_commit_behind_its_last_record() -> None:
    table = Table({0: 5})
    await flow_of(table)._partition(0, [batch([5, 6, 9])])
    assert table.committed == [(0, [5, 6, 9], 10)]


async def test_batches_that_waited_together_are_one_commit() -> None:
    table = Table({0: 0})
    await flow_of(table)._partition(0, [batch([0, 1]), batch([3, 4], follows=2), batch([5])])
    assert table.committed == [(0, [0, 1, 3, 4, 5], 6)]


async def test_what_is_applied_already_is_skipped_and_counted() -> None:
    table, observer = Table({0: 4}), Replays()
    await flow_of(table, observer=observer)._partition(0, [batch([2, 3, 4, 5])])
    assert table.committed == [(0, [4, 5], 6)]
    assert observer.count == 2


async def test_a_batch_that_is_all_applied_commits_nothing() -> None:
    table, observer = Table({0: 10}), Replays()
    await flow_of(table, observer=observer)._partition(0, [batch([7, 8, 9])])
    assert table.committed == []
    assert observer.count == 3


async def test_what_two_batches_bring_twice_is_handled_once() -> None:
    table, observer = Table({0: 0}), Replays()
    await flow_of(table, observer=observer)._partition(0, [batch([0, 1, 2]), batch([1, 2, 3], follows=1)])
    assert table.committed == [(0, [0, 1, 2, 3], 4)]
    assert observer.count == 2


@pytest.mark.parametrize(
    "batches",
    [
        [batch([7, 8], follows=6)],
        [batch([5]), batch([8], follows=7)],
        [batch([3, 4]), batch([8], follows=7)],  # the first one is applied already
    ],
)
async def test_a_hole_ends_it_and_commits_nothing(batches: list[Batch]) -> None:
    table = Table({0: 5})
    with pytest.raises(RuntimeError, match=r"hole in source\[0\]"):
        await flow_of(table)._partition(0, batches)
    assert table.committed == []


async def test_a_transaction_marker_is_no_hole() -> None:
    table = Table({0: 5})
    await flow_of(table)._partition(0, [batch([7, 8], follows=5)])
    assert table.committed == [(0, [7, 8], 9)]


async def test_a_large_batch_goes_in_chunks() -> None:
    table = Table({0: 0})
    await flow_of(table, chunk=3)._partition(0, [batch(range(4)), batch(range(4, 8))])
    assert table.committed == [(0, [0, 1, 2], 3), (0, [3, 4, 5], 6), (0, [6, 7], 8)]


async def test_what_another_owner_applied_between_two_chunks_is_skipped() -> None:
    table = Table({0: 0})

    async def overtaken(found: Sequence[Record], unit: Unit) -> None:
        await note(found, unit)

    flow = flow_of(table, overtaken, chunk=2)
    original = table.commit

    async def commit(unit: Unit, applied: int) -> None:
        await original(unit, applied)
        table.owned[0].applied = max(applied, 5)  # a restore came in between

    table.commit = commit  # type: ignore[method-assign]
    await flow._partition(0, [batch(range(8))])
    assert [offsets for _, offsets, _ in table.committed] == [[0, 1], [5, 6], [7]]


async def test_a_partition_that_is_not_owned_is_left_alone() -> None:
    table = Table({})
    await flow_of(table)._partition(0, [batch([0])])
    assert table.committed == []


async def test_a_partition_that_is_not_restored_yet_is_left_alone() -> None:
    table = Table({0: None})
    await flow_of(table)._partition(0, [batch([0])])
    assert table.committed == []


async def test_a_partition_that_is_being_restored_again_is_left_alone() -> None:
    # It is fenced anew, but its state may be older than what another owner committed in between.
    table = Table({0: 0})
    table.owned[0].restored = False
    await flow_of(table)._partition(0, [batch([0])])
    assert table.committed == []


async def test_a_partition_that_was_taken_away_meanwhile_is_left_alone() -> None:
    table = Table({0: 0})
    mine = table.owned[0]
    await mine.turn.acquire()
    working = asyncio.create_task(flow_of(table)._partition(0, [batch([0])]))
    await asyncio.sleep(0)
    table.owned[0] = Owned()  # given away and got back: another state
    mine.turn.release()
    await working
    assert table.committed == []


async def test_a_flow_that_leaves_begins_no_batch_and_finishes_the_one_in_flight() -> None:
    table = Table({0: 0})
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(found: Sequence[Record], unit: Unit) -> None:
        begun.set()
        await go.wait()
        await note(found, unit)

    flow = flow_of(table, slow, chunk=1)
    working = asyncio.create_task(flow._partition(0, [batch([0, 1])]))
    await begun.wait()
    flow.leave()
    idle = asyncio.create_task(flow.idle())
    await asyncio.sleep(0)
    assert not idle.done()
    go.set()
    await asyncio.gather(idle, working)
    assert table.committed == [(0, [0], 1)]


async def test_a_handler_that_fails_commits_nothing() -> None:
    table = Table({0: 0})

    async def failing(found: Sequence[Record], unit: Unit) -> None:
        raise ValueError(len(found), unit.partition)

    with pytest.raises(ValueError, match=r"\(1, 0\)"):
        await flow_of(table, failing)._partition(0, [batch([0])])
    assert table.committed == []


@hypothesis_settings(max_examples=60)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(1, 5)), max_size=6),
    st.none() | st.integers(1, 4),
    st.integers(0, 10),
)
def test_every_record_is_applied_once_and_in_order(
    steps: list[int], again: list[tuple[int, int]], chunk: int | None, first: int
) -> None:
    """A log with holes of markers, fetched in pieces, some of them twice."""
    log, at = [], first
    for step in steps:
        log.append(at)
        at += step
    applied, reached = first, 0
    pieces = []
    for begin, count in [*((min(begin, reached), count) for begin, count in again), (0, len(log))]:
        start = min(begin, reached)
        piece = log[start : start + count]
        if piece:
            pieces.append(batch(piece, follows=first if start == 0 else log[start - 1] + 1))
            reached = max(reached, start + len(piece))
    table = Table({0: applied})
    asyncio.run(flow_of(table, chunk=chunk)._partition(0, pieces))
    assert [offset for _, offsets, _ in table.committed for offset in offsets] == log


class Stream:
    """Stands for Faust's stream: events in, acknowledgements noted."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        """Take what will be delivered."""
        self._batches = batches
        self.acked: list[int] = []

    def noack(self) -> "Stream":
        """Return the stream that is acknowledged by hand."""
        return self

    async def events(self) -> AsyncIterator[Any]:
        """Yield an event for each batch."""
        for number, given_batch in enumerate(self._batches):
            yield Event(number, given_batch)

    async def ack(self, event: "Event") -> None:
        """Note an acknowledgement."""
        self.acked.append(event.number)


@dataclass
class Event:
    """One event of a stream."""

    number: int
    value: Batch


async def test_partitions_are_worked_on_side_by_side() -> None:
    table = Table({0: 0, 1: 0})
    both = asyncio.Barrier(2)

    async def meeting(found: Sequence[Record], unit: Unit) -> None:
        await note(found, unit)
        await asyncio.wait_for(both.wait(), 5)

    flow, stream = flow_of(table, meeting), Stream([batch([0], partition=0), batch([0], partition=1)])
    await flow._consume(stream)
    await asyncio.gather(*flow._working.values())
    assert sorted(table.committed) == [(0, [0], 1), (1, [0], 1)]
    assert sorted(stream.acked) == [0, 1]


async def test_batches_are_acknowledged_after_their_commit_in_order() -> None:
    table = Table({0: 0})
    stream = Stream([batch([number]) for number in range(40)])  # more than may be in flight
    flow = flow_of(table)
    await flow._consume(stream)
    await asyncio.gather(*flow._working.values())
    assert [offset for _, offsets, _ in table.committed for offset in offsets] == list(range(40))
    assert stream.acked == list(range(40))
    assert flow._working == {}
