from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.queue_filter import Filter
from streams.web.view_filter import WrongFilter, chips, filter_of, query_of, tabs

FULL = Filter(
    status="all",
    labels=("scam", "spam"),
    severities=("critical", "none"),
    min_confidence=12.5,
    max_confidence=99.0,
    actions=("block",),
    engines=("pii",),
    rules=("blocklist.terms",),
    kinds=("message", "video"),
    tenants=("eu",),
    user="u&1=2",
    conversation="c/1",
    content="m 1",
    languages=("en",),
    policy="default",
    assigned="nobody",
    claimed="me",
    escalated=False,
    since=1,
    until=2,
    text="two words",
    media=True,
)


def test_an_address_says_every_field_of_a_filter_and_is_read_back() -> None:
    assert set(FULL.__struct_fields__) == {name for name, _ in parse_qsl(query_of(FULL)[1:])}
    assert filter_of(parse_qsl(query_of(FULL)[1:])) == FULL


def test_an_address_that_asks_for_nothing_has_no_query() -> None:
    assert query_of(Filter()) == ""
    assert filter_of([]) == Filter()


def test_a_field_of_a_form_may_hold_words_between_commas_or_nothing() -> None:
    given = [("labels", " scam, spam,"), ("labels", "abuse"), ("user", "  "), ("escalated", ""), ("cursor", "x")]
    assert filter_of(given) == Filter(labels=("scam", "spam", "abuse"))


def test_times_of_a_form_are_utc() -> None:
    assert filter_of([("since", "2023-11-14T22:14")]) == Filter(since=1_700_000_040_000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("severities", "huge"),
        ("kinds", "fax"),
        ("min_confidence", "101"),
        ("min_confidence", "nan"),
        ("escalated", "perhaps"),
        ("since", "soon"),
        ("text", "x" * 257),
        ("labels", "a," * 51),
    ],
)
def test_what_no_filter_can_have_is_refused_without_its_value(name: str, value: str) -> None:
    with pytest.raises(WrongFilter) as refused:
        filter_of([(name, value)])
    assert value not in str(refused.value)


@given(st.lists(st.tuples(st.sampled_from(Filter.__struct_fields__), st.text(max_size=40)), max_size=8))
def test_any_address_is_a_filter_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        found = filter_of(pairs)
    except WrongFilter:
        return
    assert filter_of(parse_qsl(query_of(found)[1:])) == found


def test_chips_tell_what_is_folded_away() -> None:
    assert chips(Filter(labels=("scam", "spam"), escalated=True, user="u1")) == (
        "labels: scam, spam",
        "escalated: true",
    )


def test_the_queue_that_is_shown_is_the_current_tab() -> None:
    mine = Filter(labels=("scam",))
    found = tabs("/", mine, [("Scams", mine)])
    assert [(one.name, one.href) for one in found if one.here] == [("Scams", "/?labels=scam")]
    assert [one.name for one in tabs("/", Filter(), ()) if one.here] == ["All open"]
