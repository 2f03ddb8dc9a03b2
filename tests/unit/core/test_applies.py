from itertools import product
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.core.applies import EVERYTHING, AppliesTo, matcher, overlap
from streams.core.label import KINDS

GLOBS = st.text("ab*?", max_size=6)
LONGEST = 6  # characters of the ids that are tried


def matches(glob: str, text: str) -> bool:
    """Return what the definition says, without the matcher."""
    if not glob:
        return not text
    if glob[0] == "*":
        return matches(glob[1:], text) or (bool(text) and matches(glob, text[1:]))
    return bool(text) and glob[0] in ("?", text[0]) and matches(glob[1:], text[1:])


TEXTS = ["".join(each) for size in range(LONGEST + 1) for each in product("ab", repeat=size)]


@given(GLOBS, st.text("ab\n", max_size=8))
def test_a_glob_matches_what_its_definition_says(glob: str, text: str) -> None:
    assert bool(matcher([glob])(text)) == matches(glob, text)


@given(st.lists(GLOBS, min_size=1, max_size=4), st.text("ab", max_size=6))
def test_one_of_several_globs_is_enough(globs: list[str], text: str) -> None:
    assert bool(matcher(globs)(text)) == any(matches(glob, text) for glob in globs)


@given(st.text("ab*?", max_size=4), st.text("ab*?", max_size=4))
def test_two_globs_overlap_exactly_where_some_id_matches_both(first: str, second: str) -> None:
    # The shortest id that both match has at most as many characters as both have beside their stars.
    both = any(matches(first, text) and matches(second, text) for text in TEXTS)
    expected = overlap(first, second)
    assert overlap(second, first) == expected
    if sum(char != "*" for char in first + second) <= LONGEST:
        assert expected == both
    elif both:
        assert expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a*", "*b", True),
        ("a*", "b*", False),
        ("room-?", "room-12", False),
        ("room-??", "room-1*", True),
        ("*", "", True),
        ("**", "?", True),
        ("", "?", False),
        ("*a*b*", "*b*a*", True),
        ("x*y", "x?", True),
        ("vip-*", "*-de", True),
        ("vip-*-de", "vip-de", False),
    ],
)
def test_globs_that_meet_and_globs_that_do_not(first: str, second: str, *, expected: bool) -> None:
    assert overlap(first, second) is expected
    assert overlap(second, first) is expected


@pytest.mark.parametrize("char", list(".^$+()[]{}|\\-"))
def test_what_is_special_in_a_regex_is_itself_in_a_glob(char: str) -> None:
    assert matcher([f"a{char}b"])(f"a{char}b")
    assert not matcher([f"a{char}b"])("axb")


def test_a_pattern_of_many_stars_takes_no_longer_for_an_id_that_almost_matches() -> None:
    glob = "*a" * 127 + "*b"
    started = perf_counter()
    assert not matcher([glob])("a" * 256)
    assert perf_counter() - started < 0.1


def test_a_hundred_patterns_of_each_of_two_policies_are_compared_in_under_five_seconds() -> None:
    first = ["*a" * 126 + f"*x{number:02}" for number in range(10)]
    second = ["a*" * 126 + f"y{number:02}*" for number in range(10)]
    started = perf_counter()
    assert all(overlap(one, other) for one in first for other in second)
    assert perf_counter() - started < 0.05 * 5  # a hundredth of the pairs, on a machine five times as slow


def test_what_is_not_named_is_no_condition() -> None:
    applies = AppliesTo()
    assert applies.kinds == list(KINDS)
    assert applies.claim() == EVERYTHING
    assert applies.claim().specificity == 0


def test_a_named_tenant_counts_for_more_than_a_pattern() -> None:
    ordered = [
        AppliesTo(),
        AppliesTo(conversations=["vip-*"]),
        AppliesTo(tenants=["acme"]),
        AppliesTo(tenants=["acme"], conversations=["vip-*"]),
    ]
    assert [each.claim().specificity for each in ordered] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tenants": []},
        {"tenants": [""]},
        {"tenants": ["a" * 257]},
        {"tenants": [str(number) for number in range(1001)]},
        {"conversations": []},
        {"conversations": [""]},
        {"conversations": ["*"] * 101},
        {"conversations": "vip-*"},
        {"rooms": ["a"]},
    ],
)
def test_a_section_that_says_something_else_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AppliesTo.model_validate(wrong)
