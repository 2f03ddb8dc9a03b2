from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.harm import harm
from streams.core.harm_range import ALL, ESCALATED, ranges
from streams.core.label import SEVERITIES

SEVERITY = st.one_of(st.none(), st.sampled_from(SEVERITIES))
CONFIDENCE = st.one_of(st.none(), st.sampled_from((0.0, 0.04, 94.94, 94.95, 94.99, 95.0, 100.0)), st.floats(0, 100))
BOUND = st.one_of(st.none(), st.sampled_from((0.0, 94.9, 94.96, 95.0, 100.0)), st.floats(0, 100))


@given(
    severity=SEVERITY,
    confidence=CONFIDENCE,
    found_by=st.integers(0, 40),
    escalated=st.booleans(),
    priority=st.integers(0, 5),
    severities=st.sets(SEVERITY),
    bounds=st.tuples(BOUND, BOUND),
    asked=st.one_of(st.none(), st.booleans()),
)
def test_what_is_asked_for_lies_in_one_of_the_intervals(
    severity: str | None,
    confidence: float | None,
    found_by: int,
    escalated: bool,  # noqa: FBT001  drawn
    priority: int,
    severities: set[str | None],
    bounds: tuple[float | None, float | None],
    asked: bool | None,  # noqa: FBT001  drawn
) -> None:
    least, most = bounds
    found = ranges(severities, least, most, escalated=asked)
    assert all(low <= high for low, high in found)
    assert all(later[1] < sooner[0] for sooner, later in pairwise(found)), "the worst first"
    passes = (
        (not severities or severity in severities)
        and (least is None or (confidence is not None and confidence >= least))
        and (most is None or (confidence is not None and confidence <= most))
        and asked in {None, escalated}
    )
    if passes:
        rank = harm(severity, confidence, found_by, escalated=escalated, priority=priority)
        assert sum(low <= rank <= high for low, high in found) == 1


def test_without_a_question_one_interval_holds_all() -> None:
    assert ranges() == (ALL,)


def test_what_is_escalated_lies_above_all_else() -> None:
    assert ranges(escalated=True) == ((ESCALATED, ALL[1]),)
    assert ranges(escalated=False) == ((0, ESCALATED - 1),)
    assert harm("critical", 100.0, 99) < ESCALATED <= harm(None, None, 0, escalated=True)


@pytest.mark.parametrize(
    ("severity", "number"),
    [
        ("critical", 5),  # one interval, and one for each priority of what is escalated
        ("high", 5),
        ("low", 10),  # with a confidence of 95 and more it ranks higher
        (None, 10),
    ],
)
def test_a_severity_is_a_few_intervals(severity: str | None, number: int) -> None:
    assert len(ranges((severity,))) == number


def test_severities_side_by_side_are_one_interval() -> None:
    assert len(ranges(("high", "critical"), escalated=False)) == 1
    assert len(ranges(("low", "medium"), escalated=False)) == 2


def test_what_cannot_be_is_nowhere() -> None:
    assert ranges((), 60.0, 50.0) == ()


def test_what_passes_for_its_rank_is_asked_for() -> None:
    assert [harm("low", 50.0, 0) in range(low, high + 1) for low, high in ranges(("low",), 20.0, 90.0)][-1]
    assert not any(harm("low", None, 31) in range(low, high + 1) for low, high in ranges(("low",), None, 90.0))
    assert not any(harm("low", 19.0, 31) in range(low, high + 1) for low, high in ranges(("low",), 20.0, 90.0))
    assert not any(harm("medium", 50.0, 0) in range(low, high + 1) for low, high in ranges(("low", "high"), 20.0))
