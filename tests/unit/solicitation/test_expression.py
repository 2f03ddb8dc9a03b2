"""Places of expressions are found below the Python wrapper of google-re2: here it says what is right."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.solicitation.expression import compiled, occurs, places

TEXTS = st.text(st.sampled_from("ab é€😀.1"), max_size=40)
EXPRESSIONS = [compiled(pattern) for pattern in ("a+", "[ab]é?", "€|😀b", r"\ba[^.]*", "^a", "1$", r"é\b", "a|(ab)")]


@given(TEXTS, st.sampled_from(EXPRESSIONS))
def test_places_are_those_that_re2_finds(text: str, expression: Any) -> None:
    right = [match.span() for match in expression.finditer(text)]
    assert places(expression, text) == right
    assert places(expression, text, 2) == right[:2]
    assert occurs(expression, text) == bool(right)


@pytest.mark.parametrize("text", ["", "bbb", "é a"])
def test_an_expression_that_matches_nothing_at_all_has_no_place_there(text: str) -> None:
    assert (0, 0) not in places(compiled("a*"), text)
