"""The order of queues: escalated, critical, high or sure, then severity, confidence, engines."""

from hypothesis import given
from hypothesis import strategies as st

from streams.core.harm import BELOW_RANK, RANKS, harm, rank_of
from streams.core.label import SEVERITIES

CONFIDENCES = st.none() | st.floats(0, 100)


def test_what_is_escalated_comes_before_all_and_by_its_priority() -> None:
    order = [
        harm("low", None, 1, escalated=True, priority=3),
        harm("critical", 99.0, 5, escalated=True, priority=0),
        harm("critical", None, 0),
        harm("high", 96.0, 1),
        harm("high", None, 9),
        harm(None, 97.0, 1),
        harm("medium", 94.9, 1),
        harm("medium", None, 2),
        harm("medium", None, 1),
        harm("low", 90.0, 1),
        harm(None, 90.0, 1),
        harm(None, 0.0, 0),
        harm(None, None, 31),
        harm(None, None, 0),
    ]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)


@given(st.sampled_from([None, *SEVERITIES]), CONFIDENCES, st.integers(0, 100), st.integers(0, 3))
def test_every_rank_fits_into_four_bytes(
    severity: str | None, confidence: float | None, found_by: int, priority: int
) -> None:
    for escalated in (False, True):
        number = harm(severity, confidence, found_by, escalated=escalated, priority=priority)
        assert 0 <= number < 2**31
        assert number // BELOW_RANK % RANKS == rank_of(severity)


@given(CONFIDENCES, CONFIDENCES, st.sampled_from([None, *SEVERITIES]))
def test_more_confidence_never_comes_later(one: float | None, other: float | None, severity: str | None) -> None:
    less, more = sorted((one or 0.0, other or 0.0))
    assert harm(severity, less, 1) <= harm(severity, more, 1)
