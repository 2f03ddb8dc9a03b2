"""Our conditions against Google's library for the language: same expression, same values, same truth."""

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.core.condition import ConditionErrors, Conditions, Early, Late, compiled
from streams.core.label import LABELS
from tests.unit.core.condition.expressions import EARLY, LATE, Pair, as_data, conditions

cel = pytest.importorskip("cel_expr_python.cel")
VARIABLES = ("labels", "scores", "user", "counts", "context", "content", "severity", "confidence", "text")


@lru_cache(maxsize=1)
def _environment() -> Any:
    from cel_expr_python.ext import ext_strings

    names = (*VARIABLES, "low", "medium", "high", "critical")
    return cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN), extensions=[ext_strings.ExtStrings()])


def _theirs(source: str, early: Early, late: Late) -> bool | None:
    value = _environment().compile(source, disable_check=True).eval(data=as_data(early, late))
    return None if value.type() == cel.Type.ERROR else value.value()


@settings(max_examples=100)
@given(pair=conditions(), early=EARLY, late=LATE)
@example(Pair("1 / 0 > 1 || true", "1 / 0 > 1 || true"), Early(), Late())
@example(Pair("1 / 0 > 1 && 2 / 0 > 1", "1 / 0 > 1 && 2 / 0 > 1"), Early(), Late())
def test_the_reference_comes_to_the_same_truth(pair: Pair, early: Early, late: Late) -> None:
    try:
        ours = Conditions([compiled(pair.ours, LABELS)])
    except ConditionErrors:
        return  # too dear, or it would have to carry a text to the judge
    assert ours.holding_at_once(late, early) == [_theirs(pair.theirs, early, late)]


@settings(max_examples=100)
@given(pairs=st.lists(conditions(), min_size=1, max_size=3), early=EARLY, late=LATE)
def test_in_two_places_the_same_holds_as_at_once(pairs: list[Pair], early: Early, late: Late) -> None:
    found = []
    for pair in pairs:
        try:
            found.append(compiled(pair.ours, LABELS))
        except ConditionErrors:
            continue
    all_of_them = Conditions(found)
    told = all_of_them.early_of(early)
    assert len(told) == all_of_them.early_count
    assert all_of_them.holding(late, told) == all_of_them.holding_at_once(late, early)
