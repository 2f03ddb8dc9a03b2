"""A bounded cache drops what was used longest ago."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.recent import Last, Recent


def test_what_was_used_longest_ago_goes_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1

    recent.put("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]


def test_a_value_is_handed_back_and_replaced() -> None:
    recent: Recent[str, int] = Recent(2)

    assert recent.put("a", 1) == 1
    assert recent.put("a", 0) == 0
    assert recent.get("a") == 0
    assert len(recent) == 1


def test_nothing_is_remembered_when_nothing_may_be() -> None:
    recent: Recent[str, int] = Recent(0)

    assert recent.put("a", 1) == 1
    assert recent.get("a") is None
    assert len(recent) == 0


@pytest.mark.parametrize("most", [0, 1, 5])
@given(keys=st.lists(st.integers(0, 9), max_size=60))
def test_it_never_holds_more_than_it_may_and_always_the_last_ones(most: int, keys: list[int]) -> None:
    recent: Recent[int, int] = Recent(most)
    for key in keys:
        recent.put(key, key * 2)
        assert len(recent) <= most
    last = list(dict.fromkeys(reversed(keys)))

    assert {key for key in range(10) if recent.get(key) is not None} == set(last[:most])


def test_the_same_question_again_has_the_same_answer_at_once() -> None:
    asked: list[str] = []

    def answer(question: str) -> int:
        asked.append(question)
        return len(question)

    last: Last[str, int] = Last(answer)

    assert [last("ab"), last("ab"), last("abc"), last("ab")] == [2, 2, 3, 2]
    assert asked == ["ab", "abc", "ab"]


def test_a_question_that_fails_is_asked_again() -> None:
    last: Last[int, float] = Last(lambda number: 1 / number)

    assert last(2) == 0.5
    with pytest.raises(ZeroDivisionError):
        last(0)
    assert last(2) == 0.5
