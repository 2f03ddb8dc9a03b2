"""Transactions of a fenced table on a real broker: large ones, and one that its owner left open."""

import time

import pytest

from streams.runtime.transactions import BATCH_BYTES, NO_HEADERS
from tests.system.place import Place, put

pytestmark = pytest.mark.system


async def test_a_unit_that_is_larger_than_a_record_batch_is_committed_whole(place: Place) -> None:
    place.begin()
    table = place.table()
    await table.restore({0})
    for round_, letter in enumerate((b"a", b"b")):
        unit = table.unit(0, 0)
        for number in range(7):
            unit.put(b"k%d" % number, letter * (BATCH_BYTES // 3))
            unit.emit(place.out, b"k%d" % number, b"%d" % round_)
        await table.commit(unit, round_ + 1)
    # Two offsets of control records: each commit leaves one. What is counted is where the last record lies.
    assert table.owned[0].position == 2 * 8 + 1
    assert [value for _, value in await place.read(place.out)] == [b"0"] * 7 + [b"1"] * 7
    other = place.table()
    assert await other.restore({0}) == {0: 2}
    assert other.owned[0].data == {b"k%d" % number: b"b" * (BATCH_BYTES // 3) for number in range(7)}


async def test_a_new_owner_ends_the_transaction_that_the_old_one_left_open(place: Place) -> None:
    place.begin()
    old, new = place.table(), place.table()
    await old.restore({0})
    producer = old.owned[0].producer
    assert producer is not None
    state = [(b"a", b"never", NO_HEADERS), (b"\0applied", b"99", NO_HEADERS)]
    await producer.write({place.state: {0: state}, place.out: {0: [(b"a", b"never", NO_HEADERS)]}})

    started = time.monotonic()
    assert await new.restore({0}) == {0: 0}
    assert time.monotonic() - started < 5  # it does not wait for the transaction to time out
    assert new.owned[0].data == {}
    await put(new, {b"a": b"1"}, 1)
    assert await place.read(place.out) == []
    assert await place.read(place.state) == [(b"a", b"1"), (b"\0applied", b"1")]
