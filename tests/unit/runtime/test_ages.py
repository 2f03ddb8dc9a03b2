from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.ages import Ages

KEYS = st.sampled_from([b"a", b"b", b"c", b"d", b"e"])
WRITES = st.lists(st.tuples(KEYS, st.booleans(), st.integers(0, 10)), max_size=40)


@given(WRITES, st.integers(0, 300), st.integers(0, 6))
def test_idle_keys_are_found_oldest_first(writes: list[tuple[bytes, bool, int]], moment: int, limit: int) -> None:
    ages, now = Ages(), 0
    last: dict[bytes, int] = {}
    for key, kept, later in writes:
        now += later
        ages.written({key: b"" if kept else None}, now)
        last.pop(key, None)
        if kept:
            last[key] = now
    idle = [key for key, at in last.items() if at < moment]
    assert ages.older_than(moment, limit) == idle[:limit]


def test_a_key_written_at_the_moment_is_not_idle() -> None:
    ages = Ages()
    ages.seen(b"a", 10)
    assert ages.older_than(10, 5) == []
    assert ages.older_than(11, 5) == [b"a"]


def test_a_clock_that_steps_back_loses_no_key() -> None:
    ages = Ages()
    ages.seen(b"a", 100)
    ages.seen(b"b", 50)
    assert ages.older_than(101, 5) == [b"a", b"b"]


def test_to_forget_what_is_not_there_is_nothing() -> None:
    ages = Ages()
    ages.forget(b"a")
    assert ages.older_than(10**15, 5) == []


def test_looking_takes_nothing_away() -> None:
    ages = Ages()
    ages.seen(b"a", 1)
    assert ages.older_than(2, 5) == ages.older_than(2, 5) == [b"a"]
