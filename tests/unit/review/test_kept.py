from hypothesis import given
from hypothesis import strategies as st

from streams.review.kept import Kept


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60), st.booleans()), max_size=40))
def test_what_is_kept_never_outgrows_its_limit(steps: list[tuple[str, int, bool]]) -> None:
    kept: Kept[str] = Kept(100, 10.0, Clock())
    sizes: dict[str, int] = {}
    for key, size, asks in steps:
        if asks:
            assert kept.get(key) in {key, None}
        else:
            kept.put(key, key, size)
            sizes[key] = size
        there = [each for each in sizes if kept.get(each) is not None]
        assert kept.size == sum(sizes[each] for each in there) <= 100


def test_the_longest_unasked_for_goes_first() -> None:
    kept: Kept[int] = Kept(3, 10.0, Clock())
    for key in "abc":
        kept.put(key, ord(key), 1)
    assert kept.get("a") == ord("a")
    kept.put("d", ord("d"), 1)
    assert [kept.get(key) is not None for key in "abcd"] == [True, False, True, True]


def test_what_is_too_old_is_not_given_again() -> None:
    clock = Clock()
    kept: Kept[int] = Kept(100, 10.0, clock)
    kept.put("a", 1, 10)
    clock.now = 9.9
    assert kept.get("a") == 1
    clock.now = 10.0
    assert kept.get("a") is None
    assert kept.size == 0


def test_what_is_larger_than_all_may_be_is_not_kept_and_drives_nothing_out() -> None:
    kept: Kept[int] = Kept(100, 10.0, Clock())
    kept.put("a", 1, 50)
    kept.put("b", 2, 101)
    assert (kept.get("a"), kept.get("b")) == (1, None)
