"""What holds of a content: at once, and in two places."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.condition import Before, ConditionErrors, Conditions, Counts, Early, Found, Late, compiled, limits
from streams.core.label import LABELS


def conditions(*sources: str) -> Conditions:
    return Conditions([compiled(source, LABELS) for source in sources])


def said(source: str, early: Early | None = None, late: Late | None = None) -> bool | None:
    """Return what a condition comes to; the same in one place and in two."""
    early, late, one = early or Early(), late or Late(), conditions(source)
    (at_once,) = one.holding_at_once(late, early)
    assert one.holding(late, one.early_of(early)) == [at_once]
    return at_once


NEWCOMER = Early(text="write me at http://x.example", user_id="u1", user_age_days=2.0, counts=Counts(links_10m=3))
SCAM = Late(
    labels={"scam": Found(3, 0.0, ("offers",), ("semantic",))}, severity=3, scores={"scam": 0.7, "spam": 0.1}, strikes=3
)
PILE = tuple(Before(f"u{number}", "@u9 shame", "flag" if number else None, 10 * number) for number in range(6))


@pytest.mark.parametrize(
    ("source", "early", "late", "expected"),
    [
        ("user.strikes >= 3 && severity >= medium", Early(), SCAM, True),
        ("user.strikes >= 4 && severity >= medium", Early(), SCAM, False),
        ("has(user.age_days) && user.age_days < 7.0 && counts.links_10m > 2", NEWCOMER, Late(), True),
        ("has(user.age_days) && user.age_days < 7.0 && counts.links_10m > 2", Early(), Late(), False),
        ("labels.scam.severity >= high && !user.trusted", Early(), SCAM, True),
        ("labels.scam.severity >= high && !user.trusted", Early(user_trusted=True), SCAM, False),
        ("labels.spam.severity == 0 && labels.spam.rules == []", Early(), SCAM, True),
        ("'scam' in labels && has(labels.scam) && !has(labels.spam)", Early(), SCAM, True),
        ("labels.exists(l, labels[l].severity == critical)", Early(), SCAM, False),
        ("labels.exists(l, 'offers' in labels[l].rules)", Early(), SCAM, True),
        (
            "context.filter(m, m.user_id != user.id && m.text.contains('@')).size() >= 5",
            Early(context=PILE),
            Late(),
            True,
        ),
        ("context.exists_one(m, m.action == null)", Early(context=PILE), Late(), True),
        ("context.all(m, m.age_s < 50)", Early(context=PILE), Late(), False),
        ("context.map(m, m.age_s)[1] == 10", Early(context=PILE), Late(), True),
        ("has(scores.scam) && scores.scam > 0.6 && text.matches(r'https?://')", NEWCOMER, SCAM, True),
        ("has(scores.pii) && scores.pii < 0.6", NEWCOMER, SCAM, False),
        (
            "content.kind in ['image', 'video'] && confidence >= 95.0",
            Early(content_kind="image"),
            Late(confidence=96.0),
            True,
        ),
        ("user.role != null && user.role.startsWith('guest')", Early(user_role="guest2"), Late(), True),
        ("user.custom.tier == 'gold'", Early(user_custom={"tier": "gold"}), Late(), True),
        ("user.custom.tier == 'gold'", Early(), Late(), False),
        ("'tier' in content.custom", Early(content_custom={"tier": None}), Late(), True),
        ("has(content.custom.tier)", Early(content_custom={"tier": None}), Late(), False),
        ("user.custom.level == severity", Early(user_custom={"level": 3.0}), SCAM, True),
        ("user.custom.level == severity", Early(user_custom={"level": [3]}), SCAM, False),
        ("user.custom.vip == true", Early(user_custom={"vip": 1}), Late(), False),
        ("text.lowerAscii() == 'hÉ'", Early(text="HÉ"), Late(), True),
        ("text.size() == 2 && size('\\U0001f600') == 1", Early(text="\U0001f600é"), Late(), True),
        ("text.matches('a')", Early(text="\udcff"), Late(), False),
        ("-7 / 2 == -3 && -7 % 2 == -1 && 7 / -2 == -3 && 7 % -2 == 1", Early(), Late(), True),
        ("user.strikes > 2 ? user.trusted : severity > 9", Early(user_trusted=True), SCAM, True),
        ("low < medium && medium < high && high < critical", Early(), Late(), True),
    ],
)
def test_a_condition_holds(source: str, early: Early, late: Late, expected: bool) -> None:  # noqa: FBT001
    assert said(source, early, late) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("10 / severity > 1", None),
        ("10 / content.length > 1", None),
        ("10 % severity == 1", None),
        ("9223372036854775807 + user.strikes > 0 && 9223372036854775807 + 1 + severity > 0", None),
        ("1.0 / confidence > 1.0", None),
        ("context[0].text == ''", None),
        ("context[-1].text == ''", None),
        # an operand that decides absorbs the failure of another, on either side
        ("10 / severity > 1 || true", True),
        ("true || 10 / severity > 1", True),
        ("10 / severity > 1 && false", False),
        ("10 / severity > 1 && severity == 0", None),
        ("10 / severity > 1 && severity == 1", False),
        ("10 / severity > 1 && 10 / content.length > 1 && severity == 1", False),
        ("10 / severity > 1 || 10 / content.length > 1 || severity == 0", True),
        ("10 / severity > 1 || 10 / content.length > 1 || severity == 1", None),
        ("!(10 / severity > 1)", None),
        ("10 / severity > 1 ? true : true", None),
        ("true ? severity == 0 : 10 / severity > 1", True),
        ("[1, 0, 2].exists(x, 10 / x == 5)", True),
        ("[1, 0, 2].exists(x, 10 / x == 7)", None),
        ("[1, 0, 2].all(x, 10 / x == 10)", False),
        ("[1, 0].all(x, 10 / x == 10)", None),
        ("[1, 0].exists_one(x, 10 / x == 10)", None),
    ],
)
def test_what_has_no_value_cannot_be_said_unless_another_decides(source: str, expected: bool | None) -> None:  # noqa: FBT001
    assert said(source) is expected


@pytest.mark.parametrize(
    "custom",
    [{"x": "a"}, {"x": True}, {"x": None}, {"x": [1]}, {"x": {"y": 1}}],
    ids=["string", "bool", "null", "list", "map"],
)
def test_a_custom_value_of_another_type_has_no_order(custom: dict[str, object]) -> None:
    early = Early(user_custom=custom)
    assert said("'x' in user.custom && user.custom.x < 3", early) is None
    assert said("'x' in user.custom && user.custom.x < severity", early) is None
    assert said("'x' in user.custom && user.custom.x < 3 || severity == 0", early) is True


def test_early_parts_are_numbered_once_and_are_as_large_as_can_be() -> None:
    found = conditions(
        "has(user.age_days) && severity > 1 && user.age_days < 7.0",
        "has(user.age_days) && user.age_days < 7.0 && confidence > 50",
        "user.custom.level == severity",
        "user.strikes > counts.messages_1m + 1",
        "user.trusted",
        "severity > 1",
    )
    early = Early(user_age_days=3.5, user_custom={"level": "é"}, counts=Counts(4))
    assert found.early_of(early) == ("true", '"é"', "5", "false")


def test_an_early_part_that_cannot_be_said_travels_as_nothing() -> None:
    found = conditions("10 / content.length > 1 && severity > 1")
    assert found.early_of(Early()) == ("",)
    assert found.holding(Late(severity=2), ("",)) == [None]
    assert found.holding(Late(severity=1), ("",)) == [False]


@pytest.mark.parametrize("early", [(), ("",), ("true",), ("true", "true", "true"), ("nonsense", "{"), ("", "")])
def test_early_values_of_other_conditions_say_nothing(early: tuple[str, ...]) -> None:
    found = conditions("user.trusted && severity > 1", "content.resubmission || severity > 1", "severity > 1")
    assert found.holding(Late(severity=2), early) == [None, None, True]


def test_what_needs_no_findings_is_known_without_them() -> None:
    found = conditions("text.contains('x')")
    assert found.holding(Late(), found.early_of(Early(text="xy"))) == [True]


def test_no_conditions_need_and_hold_nothing() -> None:
    none = Conditions([])
    assert none.early_count == 0
    assert none.needs == frozenset()
    assert none.early_of(Early()) == ()
    assert none.holding(Late(), ()) == none.holding_at_once(Late(), Early()) == []


def test_the_needs_name_what_is_read_and_its_group() -> None:
    found = conditions("counts.links_10m > 2 && user.strikes > 1", "text.contains('a')")
    assert found.needs == {"counts", "counts.links_10m", "user", "user.strikes", "text"}


@pytest.mark.parametrize(
    ("source", "marks", "horizon_ms"),
    [
        ("text == ''", 0, 0),
        ("counts.messages_1m > 3", 100, 60_000),
        ("counts.same_10m > 3 || counts.messages_1m > 3", 100, 600_000),
        ("severity > 1 && (user.trusted || 250 <= counts.messages_1h)", 251, 3_600_000),
    ],
)
def test_counters_say_how_many_texts_must_be_remembered(source: str, marks: int, horizon_ms: int) -> None:
    found = conditions(source)
    assert (found.marks, found.horizon_ms) == (marks, horizon_ms)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("xy"), inner, max_size=2)),
    max_leaves=5,
)


@settings(max_examples=40)
@given(JSON)
def test_no_custom_value_makes_anything_fail(value: object) -> None:
    for source in (
        "user.custom.x == 1 || user.custom.x in [1.5, 2.0] || user.custom.x == content.custom.x",
        "has(user.custom.x) && user.custom.x >= 2",
        "has(user.custom.x) && user.custom.x < user.custom.x && severity == 0",
        "has(user.custom.x) && user.custom.x.size() > severity",
        "has(user.custom.x) && user.custom.x.exists(k, k == 'x')",
        "has(user.custom.x) && user.custom.x.y == severity",
        "has(user.custom.x) && 'y' in user.custom.x",
        "has(user.custom.x) && user.custom.x[0] != 'a'",
        "has(user.custom.x) && user.custom.x.contains('a')",
        "user.custom.x == severity",
    ):
        said(source, Early(user_custom={"x": value}, content_custom={"x": value}))


def _nested(times: int, before: str, within: str, after: str) -> str:
    return before * times + within + after * times


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1" + " + 1" * 57 + " == 58", True),
        (_nested(28, "!(", "severity == 1 ? false : true", ")"), True),
        (_nested(55, "(true ? ", "severity == 0", " : false)"), True),
        # each level may fail, so that each is a function within the one around it
        (_nested(27, "(10 / severity > 1 && (10 / severity > 2 || ", "severity == 0", "))"), True),
        (_nested(27, "(10 / severity > 1 || (10 / severity > 2 || ", "severity == 0", "))"), True),
        ("context.size()" + " - 1" * 56 + " < severity", True),
    ],
)
def test_the_deepest_conditions_that_are_accepted_run(source: str, expected: bool) -> None:  # noqa: FBT001
    assert said(source) in (expected, None)


def test_the_dearest_condition_that_is_accepted_takes_no_more_than_its_limit() -> None:
    """Steps of the limit are about 0.05 µs; ten times that leaves room for machines that do other things."""
    long = "x" * 20_000
    source = " || ".join(f"text.matches('y+z{number}')" for number in range(19))
    found = conditions(source)
    early = Early(text=long)
    with pytest.raises(ConditionErrors, match="costs too much"):
        conditions(f"{source} || text.contains('y')")
    start = time.process_time()
    assert found.holding_at_once(Late(), early) == [False]
    assert time.process_time() - start < limits.COST * 0.05e-6 * 10
