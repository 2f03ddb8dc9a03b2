from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.ages import Ages

KEYS = st.sampled_from([b"a", b"b", b"c", b"long d", b"long e"])
WRITES = st.lists(st.tuples(KEYS, st.booleans(), st.integers(0, 10)), max_size=40)


def idle_of(key: bytes) -> int:
    """Let some keys be idle for longer than others; milliseconds."""
    return 100 if key.startswith(b"long") else 20


@given(WRITES, st.integers(0, 500), st.integers(0, 6))
def test_idle_keys_are_found_oldest_first_and_no_others(
    writes: list[tuple[bytes, bool, int]], later: int, limit: int
) -> None:
    ages, now = Ages(idle_of), 0
    last: dict[bytes, int] = {}
    for key, kept, pause in writes:
        now += pause
        ages.written({key: b"" if kept else None}, now)
        last.pop(key, None)
        if kept:
            last[key] = now
    now += later
    idle = [key for key, at in last.items() if at < now - idle_of(key)]
    found = ages.idle(now, limit)
    assert len(found) == min(limit, len(idle))
    assert set(found) <= set(idle)
    for allowed in (20, 100):
        alike = [key for key in idle if idle_of(key) == allowed]
        assert [key for key in ages.idle(now, 100) if idle_of(key) == allowed] == alike


def test_a_key_is_idle_a_millisecond_after_its_time() -> None:
    ages = Ages(lambda _: 10)
    ages.seen(b"a", 5)
    assert ages.idle(15, 5) == []
    assert ages.idle(16, 5) == [b"a"]


def test_a_key_that_is_written_again_is_not_idle() -> None:
    ages = Ages(lambda _: 10)
    ages.seen(b"a", 5)
    ages.seen(b"b", 6)
    ages.seen(b"a", 20)
    assert ages.idle(30, 5) == [b"b"]


def test_a_clock_that_steps_back_loses_no_key() -> None:
    ages = Ages(lambda _: 10)
    ages.seen(b"a", 100)
    ages.seen(b"b", 50)
    assert ages.idle(111, 5) == [b"a", b"b"]


def test_to_forget_what_is_not_there_is_nothing() -> None:
    ages = Ages(idle_of)
    ages.forget(b"a")
    assert ages.idle(10**15, 5) == []


def test_looking_takes_nothing_away() -> None:
    ages = Ages(lambda _: 0)
    ages.seen(b"a", 1)
    assert ages.idle(2, 5) == ages.idle(2, 5) == [b"a"]
