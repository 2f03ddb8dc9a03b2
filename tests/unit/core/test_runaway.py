"""The breaker for a runaway rule, with numbers of its own: a window of 60 s, 200 judged, 20 triggered, factor 10."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.policy import PolicyRef
from streams.core.runaway import Bounds, Fall, Runaway
from streams.core.trigger_share import RuleKey, Spans
from streams.core.triggering import Tally

SECOND = 1000
MINUTE = 60 * SECOND
NOON = 1_767_268_800_000
FIRST, SECOND_VERSION = PolicyRef("chat", "000000000001"), PolicyRef("chat", "000000000002")
BLOCKING = RuleKey("blocklist", "idiot", "enforce")
OTHER = RuleKey("pattern", "links", "enforce")
TRIED = RuleKey("blocklist", "trial", "shadow")


def bounds(**more: float) -> Bounds:
    given = {"triggered": 20, "factor": 10.0, "floor": 0.05, "new_rule_share": 0.30, "hold_ms": 10 * MINUTE, **more}
    return Bounds(spans=Spans(60 * SECOND, 200, 60 * MINUTE, 1000), **given)  # type: ignore[arg-type]


class Stream:
    """A stream of 100 contents a second in batches of 100; of each, so many trigger each rule."""

    def __init__(self, runaway: Runaway | None = None, policy: PolicyRef = FIRST) -> None:
        self.runaway = runaway or Runaway(bounds())
        self.policy = policy
        self.now = NOON

    def run(self, batches: int, judged: int = 100, every: int = SECOND, **triggered: int) -> list[tuple[int, Fall]]:
        """Judge batches; return the falls, each with the number of its batch from 1 on."""
        keys = {"blocking": BLOCKING, "other": OTHER, "tried": TRIED}
        falls = []
        for number in range(1, batches + 1):
            self.now += every
            tally = Tally()
            tally.judged = judged
            tally.triggered = Counter({keys[name]: times for name, times in triggered.items() if times})
            falls += [(number, fall) for fall in self.runaway.noted(self.policy, tally, self.now)]
        return falls


def test_a_rule_of_one_percent_that_jumps_to_forty_falls_within_twenty_batches() -> None:
    stream = Stream()
    assert stream.run(600, blocking=1) == []
    falls = stream.run(60, blocking=40)
    # 64 batches of 100 in the window, n of them with 40: more than ten per cent when 40 n + (64 - n) > 640
    assert [number for number, _ in falls] == [16]
    fall = falls[0][1]
    assert (fall.policy, fall.key, fall.since) == (FIRST, BLOCKING, stream.now - 44 * SECOND)
    assert fall.share > 0.10
    assert fall.baseline == pytest.approx(0.01)
    assert stream.runaway.fallen == [fall]


def test_an_over_broad_but_steady_rule_that_a_person_accepted_stays() -> None:
    stream = Stream()
    (_, fall), *others = stream.run(100, blocking=60)
    assert (fall.baseline, others) == (0.0, [])  # without a baseline it is new, and more than 30 per cent
    assert stream.runaway.released("chat", *BLOCKING[:2], stream.now) == [fall]
    assert stream.run(1000, blocking=60) == []
    assert stream.run(1000, blocking=100) == []  # ten times sixty per cent is out of reach


def test_a_rule_of_sixty_percent_stays_when_the_next_version_of_the_policy_is_published() -> None:
    stream = Stream(Runaway(bounds(new_rule_share=0.7)))
    assert stream.run(300, blocking=60) == []
    stream.policy = SECOND_VERSION
    strict = Stream(stream.runaway, SECOND_VERSION)
    strict.now = stream.now
    assert strict.run(300, blocking=90) == []  # ten times what it was under the version before


def test_a_new_rule_may_trigger_up_to_its_share_and_falls_above_it_after_the_least_number() -> None:
    assert Stream().run(9, blocking=30) == []
    ((number, fall),) = Stream().run(9, blocking=31)
    assert (number, fall.share) == (2, 0.31)  # 200 judged


def test_fewer_than_the_least_triggers_are_no_reason() -> None:
    stream = Stream(Runaway(bounds(triggered=100)))
    assert stream.run(20, judged=10, blocking=4) == []  # 80 of 200
    assert stream.run(5, judged=10, blocking=4) == [(5, stream.runaway.fallen[0])]  # 100 of 250


def test_a_quiet_stream_is_watched_over_as_long_as_it_takes() -> None:
    stream = Stream()
    assert stream.run(1500, judged=1, every=10 * SECOND, blocking=0) == []  # six a minute
    falls = stream.run(100, judged=1, every=10 * SECOND, blocking=1)
    assert [number for number, _ in falls] == [20]  # twenty triggered of two hundred and a few


def test_a_quiet_night_does_not_wipe_out_the_baseline() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    stream.now += 10 * 60 * MINUTE
    assert stream.run(60, judged=20, blocking=0) == []
    ((_, fall),) = stream.run(60, judged=100, blocking=25)
    assert fall.share < 0.30  # a rule without a baseline would have been let through
    assert 0 < fall.baseline < 0.01


def test_a_slow_growth_becomes_the_baseline() -> None:
    stream = Stream()
    assert [fall for share in range(1, 61) for fall in stream.run(600, blocking=share)] == []


def test_a_fallen_rule_acts_again_after_its_time_and_is_watched_from_a_new_window_on() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    ((_, fall),) = stream.run(60, blocking=40)
    assert stream.runaway.risen(fall.since + 10 * MINUTE - 1) == []
    assert stream.runaway.risen(fall.since + 10 * MINUTE) == [fall]
    assert stream.runaway.fallen == []
    stream.now = fall.since + 10 * MINUTE
    ((number, again),) = stream.run(60, blocking=40)
    assert number == 2  # two hundred of the new window are enough
    assert again.baseline == pytest.approx(0.01)  # it has learned nothing of the bad minute


def test_a_fallen_rule_that_has_calmed_down_stays_up() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    ((_, fall),) = stream.run(60, blocking=40)
    stream.run(600, blocking=1)
    assert stream.runaway.risen(stream.now) == [fall]
    assert stream.run(600, blocking=1) == []


def test_the_others_go_on_while_one_has_fallen() -> None:
    stream = Stream()
    stream.run(600, blocking=1, other=1)
    ((_, first),) = stream.run(60, blocking=40, other=1)
    ((_, second),) = stream.run(60, blocking=40, other=40)
    assert {first.key, second.key} == {BLOCKING, OTHER} == {fall.key for fall in stream.runaway.fallen}


def test_a_release_by_hand_reaches_the_workers_in_which_the_rule_has_not_fallen_yet() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    assert stream.runaway.released("chat", *BLOCKING[:2], stream.now) == []
    assert stream.run(599, blocking=40) == []


def test_a_release_from_before_the_fall_is_not_for_it() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    ((_, fall),) = stream.run(60, blocking=40)
    assert stream.runaway.released("chat", *BLOCKING[:2], fall.since - 1) == []
    assert stream.runaway.released("shop", *BLOCKING[:2], stream.now) == []
    assert stream.runaway.fallen == [fall]


def test_two_versions_have_breakers_of_their_own() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    ((_, fall),) = stream.run(60, blocking=40)
    after = Stream(stream.runaway, SECOND_VERSION)
    after.now = stream.now
    assert after.run(60, blocking=1) == []  # the new version has mended it
    assert stream.runaway.fallen == [fall]  # whoever is still judged by the old one is flagged at most


def test_a_new_version_may_have_what_a_new_rule_may_and_no_more() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    wider = Stream(stream.runaway, SECOND_VERSION)
    wider.now = stream.now
    assert wider.run(9, blocking=30) == []
    assert [fall.baseline for _, fall in wider.run(60, blocking=80)] == [pytest.approx(0.01)]


def test_versions_that_no_longer_judge_are_forgotten() -> None:
    stream = Stream()
    stream.run(600, blocking=1)
    stream.run(60, blocking=40)
    stream.now += 61 * MINUTE
    Stream(stream.runaway, PolicyRef("shop", "000000000009")).runaway.noted(
        PolicyRef("shop", "000000000009"), Tally(), stream.now
    )
    assert stream.runaway.fallen == []


def test_a_rule_in_shadow_mode_is_told_of() -> None:
    stream = Stream()
    stream.run(600, tried=1)
    ((_, fall),) = stream.run(60, tried=50)
    assert fall.key.mode == "shadow"


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 0.05), st.integers(0, 90 * SECOND)), max_size=60))
def test_a_share_up_to_the_floor_never_makes_a_rule_fall(batches: list[tuple[int, float, int]]) -> None:
    stream = Stream(Runaway(bounds(triggered=1, new_rule_share=0.0)))
    for judged, share, every in batches:
        assert stream.run(1, judged=judged, every=every, blocking=int(judged * share)) == []


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(-5000, 200_000)), max_size=60))
def test_whatever_comes_shares_stay_between_nothing_and_all(batches: list[tuple[int, int, int]]) -> None:
    stream = Stream()
    for judged, triggered, every in batches:
        for _, fall in stream.run(1, judged=judged, every=every, blocking=min(judged, triggered)):
            assert 0.30 < fall.share <= 1
            assert 0 <= fall.baseline < 0.1
