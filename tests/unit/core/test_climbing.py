from hypothesis import given
from hypothesis import strategies as st

from streams.core.climbing import LADDER, climbed
from streams.core.restriction import Restriction
from streams.core.standing_rules import Step
from tests.unit.core.given import NOON
from tests.unit.core.standings import HOUR

STEPS = (Step(1, "notice"), Step(3, "mute", HOUR), Step(5, "restrict", 24 * HOUR), Step(8, "restrict"))


def taken(before: int, more: int) -> list[int]:
    return [step.strikes for step, _ in climbed(STEPS, before, more, NOON)]


def test_a_step_is_taken_when_its_strikes_are_reached() -> None:
    assert [taken(before, 1) for before in range(9)] == [[1], [], [3], [], [5], [], [], [8], []]


def test_a_heavy_strike_takes_every_step_on_its_way() -> None:
    assert taken(0, 8) == [1, 3, 5, 8]


def test_a_step_says_until_when_it_lasts_and_a_notice_puts_nothing_on() -> None:
    assert climbed(STEPS, 0, 3, NOON) == [
        (STEPS[0], None),
        (STEPS[1], Restriction("mute", NOON, LADDER, NOON + HOUR, "3 strikes")),
    ]
    assert climbed(STEPS, 7, 1, NOON) == [(STEPS[3], Restriction("restrict", NOON, LADDER, None, "8 strikes"))]


@given(st.lists(st.integers(1, 4), max_size=12))
def test_whatever_the_strikes_weigh_the_ladder_skips_no_step_and_takes_none_twice(weights: list[int]) -> None:
    total, steps = 0, []
    for weight in weights:
        steps += taken(total, weight)
        total += weight
    assert steps == [step.strikes for step in STEPS if step.strikes <= total]
