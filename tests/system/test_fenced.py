"""Fenced tables on a real broker."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced

from tests.system.place import SMALL_SEGMENTS, Place, put, until

pytestmark = pytest.mark.system


class Index:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.keys: dict[int, set[bytes]] = {}

    def restored(self, partition: int, data: Mapping[bytes, bytes]) -> None:
        """Take a partition whole."""
        self.keys[partition] = set(data)

    def changed(self, partition: int, changes: Mapping[bytes, bytes | None]) -> None:
        """Follow a transaction."""
        keys = self.keys.setdefault(partition, set())
        for key, value in changes.items():
            keys.discard(key) if value is None else keys.add(key)

    def dropped(self, partition: int) -> None:
        """Forget a partition."""
        self.keys.pop(partition, None)


async def test_the_next_owner_finds_what_was_committed(place: Place) -> None:
    place.begin()
    place.produce(place.source, {str(number): number for number in range(20)})
    first = place.table()
    assert await first.restore({0}) == {0: 0}
    await put(first, {b"a": b"1", b"b": b"2"}, 5)
    await put(first, {b"a": b"3", b"b": None, b"c": b""}, 9)
    assert first.owned[0].data == {b"a": b"3", b"c": b""}
    await first.stop()

    second = place.table()
    assert await second.restore({0}) == {0: 9}
    assert second.owned[0].data == {b"a": b"3", b"c": b""}


async def test_outputs_and_state_come_out_together(place: Place) -> None:
    place.begin()
    table = place.table()
    await table.restore({0})
    unit = table.unit(0, 0)
    unit.put(b"k", b"state")
    unit.emit(place.out, b"k", b"1", [("h", b"x")])
    unit.emit(place.out, b"k", b"2")
    assert await place.read(place.out) == []
    await table.commit(unit, 3)
    assert await place.read(place.out) == [(b"k", b"1"), (b"k", b"2")]
    assert await place.read(place.state) == [(b"k", b"state"), (b"\0applied", b"3")]


async def test_an_older_owner_is_refused_and_writes_nothing(place: Place) -> None:
    place.begin()
    old, new = place.table(), place.table()
    await old.restore({0})
    await put(old, {b"a": b"old"}, None)
    await new.restore({0})
    with pytest.raises(ProducerFenced):
        await put(old, {b"a": b"too late"}, 7)
    assert old.owned[0].data == {b"a": b"old"}
    await put(new, {b"b": b"new"}, None)
    third = place.table()
    await third.restore({0})
    assert third.owned[0].data == {b"a": b"old", b"b": b"new"}


async def test_a_partition_that_comes_back_is_read_from_where_it_was_left(place: Place) -> None:
    place.begin(partitions=2)
    place.produce(place.source, {str(number): number for number in range(20)})
    one, two, index = place.table(2), place.table(2), Index()
    watched = place.table(2, watchers=[index])
    await one.restore({0, 1})
    await put(one, {b"a": b"1"}, 3)
    await put(one, {b"b": b"1"}, 0, partition=1)
    await watched.restore({0, 1})
    assert index.keys == {0: {b"a"}, 1: {b"b"}}

    await watched.restore({1})  # partition 0 goes to another
    assert index.keys == {1: {b"b"}}
    await two.restore({0})
    await put(two, {b"a": None, b"c": b"3"}, 8)
    assert (await watched.restore({0, 1}))[0] == 8
    assert watched.owned[0].data == {b"c": b"3"}
    assert index.keys == {0: {b"c"}, 1: {b"b"}}


async def test_a_restore_with_nothing_new_keeps_the_state(place: Place) -> None:
    place.begin()
    place.produce(place.source, {str(number): number for number in range(20)})
    table = place.table()
    await table.restore({0})
    await put(table, {b"a": b"1"}, 4)
    for _ in range(2):
        assert await table.restore({0}) == {0: 4}
        assert table.owned[0].data == {b"a": b"1"}
    await put(table, {b"a": b"2"}, 5)
    assert await table.restore(set()) == {}
    assert table.owned == {}


def idle_of(key: bytes) -> int:
    """Let some keys be idle for longer than others; milliseconds."""
    return 60_000 if key.startswith(b"short") else 600_000


async def test_idle_keys_leave_for_good_and_others_stay(place: Place) -> None:
    place.begin()
    index = Index()
    short: dict[str, Any] = {"idle_of": idle_of, "keeps": b"open".__eq__}
    table = place.table(watchers=[index], **short)
    await table.restore({0})
    now = int(time.time() * 1000)
    for key, value, at in (
        (b"short old", b"1", now - 61_000),
        (b"short fresh", b"1", now),
        (b"long", b"1", now - 61_000),
        (b"short kept", b"open", now - 61_000),
    ):
        unit = table.unit(0, at)
        unit.put(key, value)
        await table.commit(unit, None)
    await table.expire(now)
    stay = {b"short fresh": b"1", b"long": b"1", b"short kept": b"open"}
    assert table.owned[0].data == stay
    assert index.keys == {0: set(stay)}
    successor = place.table(**short)
    await successor.restore({0})
    assert successor.owned[0].data == stay
    await successor.expire(now + 50_000)
    assert successor.owned[0].data == stay
    await successor.expire(now + 120_000)  # by the times of the records in the state topic
    assert successor.owned[0].data == {b"long": b"1", b"short kept": b"open"}


async def test_what_is_told_of_a_key_that_leaves_comes_out_together_with_its_removal(place: Place) -> None:
    place.begin()
    table = place.table(idle_of=lambda _: 60_000, on_expiry=lambda unit, key: unit.emit(place.out, key, None))
    await table.restore({0})
    now = int(time.time() * 1000)
    for key, at in ((b"old", now - 61_000), (b"fresh", now)):
        unit = table.unit(0, at)
        unit.put(key, b"1")
        await table.commit(unit, None)
    await table.expire(now)
    assert table.owned[0].data == {b"fresh": b"1"}
    assert await place.read(place.out) == [(b"old", None)]


async def test_what_is_to_stay_of_a_key_that_leaves_stays(place: Place) -> None:
    place.begin()
    table = place.table(
        idle_of=lambda _: 60_000,
        on_expiry=lambda unit, key: unit.put(key, b"less") if unit.get(key) == b"much" else None,
    )
    await table.restore({0})
    now = int(time.time() * 1000)
    unit = table.unit(0, now)
    unit.put(b"a", b"much")
    unit.put(b"b", b"little")
    await table.commit(unit, None)
    await table.expire(now + 61_000)
    assert table.owned[0].data == {b"a": b"less"}
    await table.expire(now + 61_000)
    assert table.owned[0].data == {b"a": b"less"}
    await table.expire(now + 130_000)
    assert table.owned[0].data == {}


async def test_however_many_keys_are_idle_one_expiry_takes_them_all(place: Place) -> None:
    place.begin()
    table = place.table(idle_of=lambda _: 60_000, keeps=b"open".__eq__)
    await table.restore({0})
    await put(table, {b"%d" % number: b"open" if number % 4 == 0 else b"" for number in range(5000)}, None)
    await table.expire(int(time.time() * 1000) + 70_000)
    assert len(table.owned[0].data) == 1250
    await put(table, {b"0": b""}, None)
    await table.expire(int(time.time() * 1000) + 200_000)
    assert len(table.owned[0].data) == 1249


async def test_a_batch_that_waits_during_a_restore_never_sees_the_old_state(place: Place) -> None:
    """A partition that was kept, while another worker owned it for a moment: a woken zombie."""
    place.begin()
    place.produce(place.source, {str(number): number for number in range(20)})
    zombie, other = place.table(), place.table()
    await zombie.restore({0})
    await put(zombie, {b"a": b"old"}, 5)
    owned = zombie.owned[0]
    await owned.turn.acquire()  # a batch is in flight
    restoring = asyncio.create_task(zombie.restore({0}))
    await asyncio.sleep(0)  # it waits for the turn
    await other.restore({0})
    await put(other, {b"a": b"new"}, 9)

    async def waiting() -> bool:
        async with owned.turn:
            return owned.restored and owned.applied != 9

    queued = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    owned.turn.release()
    assert not await queued
    assert await restoring == {0: 9}
    assert owned.data == {b"a": b"new"}


async def test_a_watcher_knows_all_keys_though_a_restore_was_cut_off(place: Place) -> None:
    place.begin(partitions=2)
    writer = place.table(2)
    await writer.restore({0, 1})
    for partition in range(2):
        for number in range(20):
            await put(writer, {b"%d-%d" % (partition, number): b"x" * 1000}, None, partition)
    index = Index()
    table = place.table(2, watchers=[index])
    for _ in range(30):  # cut it off at many points
        restoring = asyncio.create_task(table.restore({0, 1}))
        while not restoring.done() and not any(owned.data for owned in table.owned.values()):  # noqa: ASYNC110
            await asyncio.sleep(0)
        if not restoring.cancel():
            break
        await asyncio.gather(restoring, return_exceptions=True)
        if all(owned.data for owned in table.owned.values()):
            break
    await table.restore({0, 1})
    assert index.keys == {partition: set(table.owned[partition].data) for partition in range(2)}
    assert sum(map(len, index.keys.values())) == 40


async def test_compaction_shrinks_a_state_topic_and_keeps_the_last_values(place: Place) -> None:
    place.begin(**SMALL_SEGMENTS)
    table = place.table()
    await table.restore({0})
    keys = [b"key-%d" % number for number in range(100)]
    rounds = 30
    for number in range(rounds):
        await put(table, dict.fromkeys(keys, b"%d " % number + b"x" * 1000), number)
    await put(table, {keys[0]: None}, rounds)
    wanted = dict.fromkeys(keys[1:], b"%d " % (rounds - 1) + b"x" * 1000)
    written = rounds * (len(keys) + 1) + 2

    async def compacted() -> bool:
        # A new segment begins with a write; the newest one is never compacted.
        await put(table, {}, rounds)
        return len(await place.read(place.state)) < written / 3

    await until(compacted, 40)
    successor = place.table()
    assert await successor.restore({0}) == {0: rounds}
    assert successor.owned[0].data == wanted


async def test_a_hundred_thousand_keys_are_restored_within_ten_seconds(place: Place) -> None:
    place.begin(partitions=4)
    table = place.table(4)
    await table.restore({0, 1, 2, 3})
    value = b"w" * 500
    await asyncio.gather(
        *(
            put(table, {b"%d-%d" % (partition, number): value for number in range(25_000)}, None, partition)
            for partition in range(4)
        )
    )
    successor = place.table(4)
    started = time.monotonic()
    await successor.restore({0, 1, 2, 3})
    taken = time.monotonic() - started
    assert sum(len(owned.data) for owned in successor.owned.values()) == 100_000
    assert taken < 10
