from streams.runtime.partitioner import partition_of
from streams.runtime.unit import Unit


def test_a_unit_sees_what_it_wrote_and_else_what_is_committed() -> None:
    committed = {b"a": b"1", b"b": b"2"}
    unit = Unit(0, 4, committed, 0)
    unit.put(b"a", b"new")
    unit.put(b"b", None)
    assert [unit.get(key) for key in (b"a", b"b", b"c")] == [b"new", None, None]
    assert committed == {b"a": b"1", b"b": b"2"}
    assert unit.changes == {b"a": b"new", b"b": None}


def test_the_last_write_of_a_key_counts() -> None:
    unit = Unit(0, 4, {}, 0)
    unit.put(b"a", None)
    unit.put(b"a", b"1")
    assert unit.get(b"a") == b"1"
    assert unit.changes == {b"a": b"1"}


def test_records_go_to_the_partition_of_their_key_in_order() -> None:
    unit = Unit(3, 4, {}, 0)
    for number in range(20):
        unit.emit("out", b"key-%d" % (number % 5), b"%d" % number)
    sent = unit.outputs["out"]
    assert sum(map(len, sent.values())) == 20
    for partition, records in sent.items():
        assert {partition_of(key or b"", 4) for key, _, _ in records} == {partition}
        values = [int(value or b"") for _, value, _ in records]
        assert values == sorted(values)


def test_dead_letters_stay_in_the_partition_that_is_worked_on() -> None:
    unit = Unit(3, 4, {}, 0)
    unit.emit_here("dead", None, None, [("why", b"empty")])
    unit.emit_here("dead", b"any key", b"v")
    assert dict(unit.outputs["dead"]) == {3: [(None, None, [("why", b"empty")]), (b"any key", b"v", [])]}


def test_a_new_unit_writes_nothing() -> None:
    unit = Unit(0, 4, {b"a": b"1"}, 7)
    assert (unit.changes, dict(unit.outputs), unit.now) == ({}, {}, 7)
