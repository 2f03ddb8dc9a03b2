from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.precision import LEAST, Counted, precisions, share_of, wilson

COUNTS = st.builds(
    Counted,
    st.sampled_from(["p", "q"]),
    st.sampled_from(["ocr", "image_model"]),
    st.sampled_from(["a", "b"]),
    st.just("explicit"),
    st.one_of(st.none(), st.integers(0, 1000)),
    st.integers(0, 60),
    st.integers(0, 60),
)


def ruled(*rows: tuple[int | None, int, int]) -> list[Counted]:
    return [Counted("shop", "image_model", "nudity", "explicit", *row) for row in rows]


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [  # from the closed form, worked out by hand to four digits
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (90, 100, 0.8256, 0.9448),
    ],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=5e-5)


def test_without_rulings_nothing_is_known() -> None:
    share = share_of(0, 0)
    assert (share.precision, share.low, share.high) == (None, 0.0, 1.0)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_interval_holds_what_was_counted_and_lies_within_all(confirmed: int, overruled: int) -> None:
    share = share_of(confirmed, overruled)
    assert 0 <= share.low <= share.high <= 1
    if share.precision is not None:
        assert share.low <= share.precision <= share.high


@given(st.integers(0, 50), st.integers(1, 50), st.integers(2, 20))
def test_more_rulings_of_the_same_kind_narrow_the_interval(confirmed: int, overruled: int, times: int) -> None:
    few, many = share_of(confirmed, overruled), share_of(times * confirmed, times * overruled)
    assert many.high - many.low < few.high - few.low


@given(st.lists(COUNTS, max_size=30), st.floats(0.05, 1), st.integers(1, 200))
def test_every_ruling_is_counted_once_and_no_smaller_confidence_would_do(
    counted: list[Counted], target: float, least: int
) -> None:
    found = precisions(counted, target, least)

    assert len({(one.policy_id, one.engine, one.rule, one.label) for one in found}) == len(found)
    assert sum(one.share.confirmed for one in found) == sum(each.confirmed for each in counted)
    assert sum(one.share.overruled for one in found) == sum(each.overruled for each in counted)
    for one in found:
        assert (one.suggestion is None) != (one.lacking is None)
        own = [each for each in counted if each[:4] == (one.policy_id, one.engine, one.rule, one.label)]
        known = [each for each in own if each.tenths is not None]

        def above(tenths: int, known: list[Counted] = known) -> tuple[int, int]:
            over = [each for each in known if each.tenths is not None and each.tenths >= tenths]
            return sum(each.confirmed for each in over), sum(each.overruled for each in over)

        def good(tenths: int) -> bool:
            confirmed, overruled = above(tenths)
            return confirmed + overruled >= least and confirmed / (confirmed + overruled) >= target

        fitting = sorted(each.tenths for each in known if each.tenths is not None and good(each.tenths))
        if one.suggestion is not None:
            assert one.suggestion.threshold == fitting[0] / 10
            share, below = one.suggestion.above, one.suggestion.below
            assert (share.confirmed, share.overruled) == above(fitting[0])
            assert share.confirmed + below.confirmed == sum(each.confirmed for each in known)
        elif one.lacking == "none_as_precise":
            assert not fitting


@given(st.lists(COUNTS, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_what_was_counted_changes_nothing(counted: list[Counted], chance: object) -> None:
    mixed = sorted(counted, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert precisions(mixed) == precisions(counted)


def test_the_smallest_confidence_that_is_precise_enough_is_suggested() -> None:
    (one,) = precisions(ruled((700, 10, 30), (800, 20, 10), (900, 60, 5), (990, 40, 0)), target=0.9)
    assert one.suggestion is not None
    assert (one.suggestion.threshold, one.suggestion.above.confirmed, one.suggestion.above.overruled) == (90.0, 100, 5)
    assert (one.suggestion.below.confirmed, one.suggestion.below.overruled) == (30, 40)
    assert one.share.precision == pytest.approx(130 / 175)


def test_a_rule_that_is_precise_enough_keeps_all_it_finds() -> None:
    (one,) = precisions(ruled((512, 40, 0), (900, 60, 1)))
    assert one.suggestion is not None
    assert (one.suggestion.threshold, one.suggestion.below.confirmed) == (51.2, 0)


def test_few_rulings_suggest_nothing() -> None:
    (one,) = precisions(ruled((900, LEAST - 1, 0)))
    assert (one.suggestion, one.lacking, one.share.confirmed) == (None, "not_enough_rulings", LEAST - 1)


def test_few_rulings_above_a_threshold_are_no_proof_of_it() -> None:
    (one,) = precisions(ruled((700, 5, 200), (990, LEAST - 1, 0)))
    assert (one.suggestion, one.lacking) == (None, "none_as_precise")


def test_severities_suggest_no_threshold() -> None:
    (one,) = precisions(ruled((None, 90, 10)))
    assert (one.suggestion, one.lacking) == (None, "no_confidences")


def test_rules_come_in_order_of_their_names() -> None:
    names = [("q", "a", "b", "c"), ("p", "b", "a", "x"), ("p", "a", "b", "d"), ("p", "a", "b", "c")]
    counted = [Counted(*name, None, 1, 1) for name in names]
    found = [(one.policy_id, one.engine, one.rule, one.label) for one in precisions(counted)]
    assert all(before < after for before, after in pairwise(found))
