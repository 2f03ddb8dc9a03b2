from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.moment import iso, milliseconds, since_epoch

LAST = 253_402_300_799_999  # the end of the year 9999


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),  # a Kafka record without a timestamp
        (1_769_860_800_000, "2026-01-31T12:00:00.000Z"),
        (LAST, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_moments_are_written_with_milliseconds(ms: int, text: str) -> None:
    assert iso(ms) == text


@given(st.integers(-62_135_596_800_000, LAST))
def test_every_millisecond_comes_back(ms: int) -> None:
    assert milliseconds(datetime.fromisoformat(iso(ms))) == ms


def test_time_zones_are_brought_to_one() -> None:
    there = datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    assert milliseconds(there) == milliseconds(datetime(2026, 1, 1, 12, tzinfo=UTC)) == 1_767_268_800_000


def test_a_moment_that_may_be_missing_or_before_1970_is_never_negative() -> None:
    assert since_epoch(None) is None
    assert since_epoch(datetime(1969, 12, 31, tzinfo=UTC)) == 0
    assert since_epoch(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1000
