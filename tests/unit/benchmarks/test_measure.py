"""Percentiles, rates and CPU of the benchmark."""

import pytest

from benchmarks.measure import interpolated, percentile, percentiles, progress, stretch


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


def test_progress_counts_what_came_by_each_moment() -> None:
    assert progress([2.0, 1.0, 1.0, 1.5, 2.0]) == [(1.0, 2), (1.5, 3), (2.0, 5)]


def test_what_came_at_the_first_moment_does_not_count_for_the_rate() -> None:
    assert stretch([(1.0, 2), (1.5, 3), (2.0, 5)]) == (1.0, 2.0, 3)


def test_the_middle_leaves_both_ends_out() -> None:
    points = [(float(moment), 10 * moment) for moment in range(1, 11)]
    assert stretch(points, 0.1, 0.9) == (1.0, 9.0, 80)


@pytest.mark.parametrize("points", [[], [(5.0, 1)], [(5.0, 100)]])
def test_a_rate_needs_two_moments(points: list[tuple[float, int]]) -> None:
    with pytest.raises(ValueError, match="two moments"):
        stretch(points)


@pytest.mark.parametrize(
    ("moment", "value"),
    [(9.0, 1.0), (10.0, 1.0), (10.5, 1.5), (11.0, 2.0), (12.0, 4.0), (13.0, 6.0), (20.0, 6.0)],
)
def test_between_two_looks_a_value_is_interpolated(moment: float, value: float) -> None:
    assert interpolated([10.0, 11.0, 13.0], [1.0, 2.0, 6.0], moment) == value


def test_before_the_first_look_nothing_was_used() -> None:
    assert interpolated([], [], 10.0) == 0.0
