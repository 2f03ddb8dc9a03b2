"""Percentiles, rates and CPU of the benchmark."""

import pytest

from benchmarks.measure import interpolated, percentile, percentiles, span


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_percentiles_sort_for_themselves() -> None:
    assert percentiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "p99": 3.0, "max": 3.0}


def test_what_carries_the_first_stamp_does_not_count_for_the_rate() -> None:
    first, last, counted = span([2000, 1000, 1000, 1500, 2000])
    assert (first, last, counted) == (1.0, 2.0, 3)


@pytest.mark.parametrize("stamps", [[], [5], [5, 5]])
def test_a_rate_needs_two_moments(stamps: list[int]) -> None:
    with pytest.raises(ValueError, match="two moments"):
        span(stamps)


@pytest.mark.parametrize(
    ("moment", "value"),
    [(9.0, 1.0), (10.0, 1.0), (10.5, 1.5), (11.0, 2.0), (12.0, 4.0), (13.0, 6.0), (20.0, 6.0)],
)
def test_between_two_looks_a_value_is_interpolated(moment: float, value: float) -> None:
    assert interpolated([10.0, 11.0, 13.0], [1.0, 2.0, 6.0], moment) == value


def test_before_the_first_look_nothing_was_used() -> None:
    assert interpolated([], [], 10.0) == 0.0
