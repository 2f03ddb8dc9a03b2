from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from streams.runtime.deadlines import AGAIN_MS, Deadlines

Value = bytes | None
PARTITIONS = st.integers(0, 2)
KEYS = st.sampled_from([b"a", b"b", b"c"])
VALUES = st.none() | st.just(b"") | st.integers(0, 60_000).map(lambda due: b"%d" % due)


def due(value: bytes) -> int | None:
    """Read the deadline that a value is; an empty one has none."""
    return int(value) if value else None


class Model(RuleBasedStateMachine):
    """Deadlines against a plain dict that is searched from end to end."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.deadlines = Deadlines(due)
        self.moments: dict[tuple[int, bytes], int] = {}
        self.now = 0

    @initialize(data=st.dictionaries(KEYS, VALUES.filter(lambda value: value is not None)))
    def begin(self, data: dict[bytes, bytes]) -> None:
        """Restore one partition."""
        self.restore(0, data)

    @rule(partition=PARTITIONS, data=st.dictionaries(KEYS, VALUES.filter(lambda value: value is not None)))
    def restore(self, partition: int, data: dict[bytes, bytes]) -> None:
        """Build a partition anew: what it held before does not count."""
        self.deadlines.restored(partition, data)
        self._forget(partition)
        self.moments |= {(partition, key): moment for key, value in data.items() if (moment := due(value)) is not None}

    @rule(partition=PARTITIONS, changes=st.dictionaries(KEYS, VALUES))
    def change(self, partition: int, changes: dict[bytes, Value]) -> None:
        """Follow a transaction."""
        self.deadlines.changed(partition, changes)
        for key, value in changes.items():
            moment = None if value is None else due(value)
            if moment is None:
                self.moments.pop((partition, key), None)
            else:
                self.moments[partition, key] = moment

    @rule(partition=PARTITIONS)
    def drop(self, partition: int) -> None:
        """Lose a partition."""
        self.deadlines.dropped(partition)
        self._forget(partition)

    @rule(later=st.integers(0, 10_000))
    def look(self, later: int) -> None:
        """Ask what is overdue: each key once, and again only after a while."""
        self.now += later
        overdue = list(self.deadlines.overdue(self.now))
        assert sorted(overdue) == sorted(place for place, moment in self.moments.items() if moment <= self.now)
        self.moments |= dict.fromkeys(overdue, self.now + AGAIN_MS)

    @invariant()
    def as_many_as_the_model(self) -> None:
        """Count the same keys."""
        assert len(self.deadlines) == len(self.moments)

    def _forget(self, partition: int) -> None:
        self.moments = {place: moment for place, moment in self.moments.items() if place[0] != partition}


Model.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=25)
TestDeadlines = Model.TestCase


@given(st.lists(st.integers(0, 1000), max_size=30))
def test_overdue_keys_come_in_the_order_of_their_deadlines(moments: list[int]) -> None:
    deadlines = Deadlines(due)
    deadlines.restored(0, {b"%d" % place: b"%d" % moment for place, moment in enumerate(moments)})
    told = [moments[int(key)] for _, key in deadlines.overdue(1000)]
    assert told == sorted(moments)


def test_a_key_that_stays_is_told_of_again_after_five_seconds() -> None:
    deadlines = Deadlines(due)
    deadlines.changed(3, {b"a": b"100"})
    assert list(deadlines.overdue(99)) == []
    assert list(deadlines.overdue(100)) == [(3, b"a")]
    assert list(deadlines.overdue(5099)) == []
    assert list(deadlines.overdue(5100)) == [(3, b"a")]
    deadlines.changed(3, {b"a": b""})
    assert list(deadlines.overdue(60_000)) == []


def test_partitions_may_come_and_go_between_two_keys_that_are_told() -> None:
    deadlines = Deadlines(due)
    for partition in (0, 1):
        deadlines.changed(partition, {b"a": b"1", b"b": b"2"})
    overdue = deadlines.overdue(10)
    assert next(overdue) == (0, b"a")
    deadlines.dropped(1)
    deadlines.restored(0, {b"c": b"3"})
    deadlines.restored(2, {b"d": b"4"})
    assert list(overdue) == [(0, b"c")]
    assert list(deadlines.overdue(10)) == [(2, b"d")]
    assert sorted(deadlines.overdue(10 + AGAIN_MS)) == [(0, b"c"), (2, b"d")]
