"""What is accepted as a condition, and how the rest is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core import condition
from streams.core.condition import ConditionErrors, compiled, limits
from streams.core.label import LABELS
from streams.core.limit import MOST_MARKS

CUSTOM = LABELS | {"crypto"}


def lines(source: str) -> tuple[str, ...]:
    with pytest.raises(ConditionErrors) as refused:
        compiled(source, CUSTOM)
    return refused.value.lines


@pytest.mark.parametrize(
    "source",
    [
        # literals and signs
        "true",
        "1 < 2 && 0x10 == 16 && 1.5e3 > .5",
        r"text == '\x41\u00e9\U0001f600\101\n' || text == r'\d'",
        'text == """a "b" c""" || text == \'\'\'d\'\'\'',
        "severity > -9223372036854775808",
        "// a remark\nseverity > low // another\n",
        "content.kind in ['image', 'video',]",
        "severity in []",
        "[1, 2.0, severity] == [1]",
        # fields, indices, labels of the policy
        "labels.crypto.severity >= high",
        "labels['crypto'].confidence > 50",
        "'r1' in labels.scam.rules && labels.scam.engines.size() > 1",
        "user.role == 'admin'",
        "context[0].user_id == user.id",
        "context.filter(m, m.age_s < 60)[0].text == text",
        # what may be null, guarded
        "has(user.age_days) && user.age_days < 7",
        "!has(user.age_days) || user.age_days < 7",
        "user.role != null && user.role.startsWith('mod')",
        "null != user.role && user.role.size() > 3",
        "user.role == null || user.role.contains('x')",
        "!(user.role == null || !user.role.contains('x'))",
        "user.role == 'admin' && user.role.size() == 5",
        "user.role in ['admin', 'mod'] && user.role < 'b'",
        "has(user.age_days) ? user.age_days < 7 : user.trusted",
        "has(user.age_days) && (user.trusted || user.age_days * 2.0 < 7.0)",
        "severity > 0 && (has(user.role) && (user.role.size() > 1 || has(user.role)))",
        "context.exists(m, m.action != null && m.action.startsWith('bl'))",
        "has(scores.scam) && scores.scam > 0.5",
        "'scam' in scores && scores['scam'] > 0.5",
        "has(user.custom.tier) && user.custom.tier > 3",
        "'tier' in user.custom && user.custom['tier'].startsWith('g')",
        "has(user.custom.a) && has(user.custom.a.b) && user.custom.a.b == 1",
        "has(user.role) && user.role != null",
        # custom values may always be compared
        "user.custom.tier == 'gold' || content.custom.score != 3.5 || user.custom.tier in ['a', 'b']",
        "user.custom.exists(k, k.startsWith('x'))",
        "has(content.custom.tags) && content.custom.tags.exists(t, t == 'a')",
        # macros
        "labels.exists(l, l != 'spam' && labels[l].severity == critical)",
        "context.exists(a, context.exists_one(b, a.text == b.text))",
        "context.map(m, m.user_id).filter(u, u != user.id).size() > 3",
        "labels.all(l, ['pii', 'spam'].exists(x, x == l) && counts.links_10m > 2)",
        "text.lowerAscii().matches('(ha){5,}') && matches(text, '^a$')",
    ],
)
def test_a_condition_is_accepted(source: str) -> None:
    assert compiled(source, CUSTOM).source == source


USER = "id, role, age_days, strikes, trusted, restricted, custom"
NAMES = "text, labels, severity, confidence, scores, context, user, counts, content, low, medium, high, critical"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        # what is no expression
        ("", "column 1: the end: expected a value"),
        ("severity >", "column 11: the end: expected a value"),
        ("severity > 1)", "column 13: ): expected an operator or the end"),
        ("text.contains('a'", "column 18: the end: expected ,"),
        ("severity = 1", "column 10: '=': did you mean =="),
        ("true & false", "column 6: '&': did you mean &&"),
        ("text == 'abc", "column 9: this string does not end"),
        (r"text == '\d'", r"column 9: \d: unknown escape: in patterns write r'…'"),
        (r"text == '\ud800'", r"column 9: \ud800: no character"),
        ("1u == 1", "column 1: 1u: unsigned numbers are not supported: write 1"),
        ("b'a' == text", "column 1: bytes are not supported: write a string"),
        ("{'a': 1} == text", "column 1: maps and messages cannot be written in a condition: compare single fields"),
        ("9223372036854775808 > 1", "column 1: 9223372036854775808: an int has 64 bits"),
        ("1e999 > 1.0", "column 1: 1e999: too large for a double"),
        ("while > 1", "column 1: while: reserved by the language"),
        ("text ~ 'a'", "column 6: '~': no sign of the language"),
        ("\n  severity >\n  true", "line 2 column 12: > orders two numbers or two strings, these are int and bool"),
        # what nobody knows
        ("user.strike > 1", f"column 1: user.strike: unknown field: one of {USER}"),
        ("sevrity > 1", f"column 1: sevrity: unknown variable: one of {NAMES}"),
        ("user == null", f"column 1: user: name a field of it: one of {USER}"),
        ("context[0].txt == ''", "column 1: context[…].txt: unknown field: one of user_id, text, action, age_s"),
        ("text.length() > 1", None),
        ("length(text) > 1", "column 1: length: unknown function: one of has, size, matches"),
        # what does not fit
        ("text", "column 1: a condition is true or false, this is string"),
        ("severity && true", "column 1: severity: true or false is needed, this is int"),
        ("!text", "column 2: text: ! negates true or false, this is string"),
        ("text > 1", "column 6: > orders two numbers or two strings, these are string and int"),
        ("text == 1", "column 6: string and int are never equal"),
        ("text == null", "column 6: text: string is never null"),
        ("1 in ['a']", "column 3: int is never in list of string"),
        ("1 in severity", "column 6: severity: in needs a list or a map, this is int"),
        ("severity * 2.0 > 1.0", "column 10: * does not mix int and double: write a literal as 2.0"),
        ("confidence % 2.0 == 0.0", "column 12: % takes two ints, these are double and double"),
        ("text - 'a' == ''", "column 6: - takes two ints or two doubles, these are string and string"),
        ("-text == ''", "column 2: text: - needs a number, this is string"),
        ("[1, 'a'] == [1]", "column 1: a list holds one type, this holds int and string"),
        ("(true ? 1 : 'a') == 1", "column 7: both values are of one type: these are int and string"),
        ("text.size", "column 1: text: string has no fields"),
        ("severity.size() > 1", "column 1: severity: int has no size"),
        ("text.contains(1)", "column 15: 1: contains takes strings, this is int"),
        ("text.contains() == true", "column 6: contains: takes 1 in brackets"),
        (
            "text.matches(user.id)",
            "column 14: matches: the pattern is a literal string, as in text.matches(r'(ha){5,}')",
        ),
        (
            "text.matches('(?=a)')",
            "column 14: matches: invalid perl operator: (?=: look-around and back-references are not supported",
        ),
        ("has(text)", "column 1: has: names one field, as in has(user.age_days)"),
        ("has(user.id)", "column 5: user.id: always there: leave out has()"),
        (
            "context.exists(1, true)",
            "column 9: exists: a name and an expression, as in context.exists(m, m.age_s < 60)",
        ),
        ("context.exists(text, true)", "column 16: text: stands for something else already: choose another name"),
        ("text.exists(t, true)", "column 1: text: string has no items"),
        # what may be null
        (
            "user.age_days < 7",
            "column 1: user.age_days: may be null and has no order then: guard it, as in has(user.age_days) && …",
        ),
        (
            "has(user.age_days) || user.age_days < 7",
            "column 23: user.age_days: may be null and has no order then: guard it, as in has(user.age_days) && …",
        ),
        (
            "user.age_days < 7 && has(user.age_days)",
            "column 1: user.age_days: may be null and has no order then: guard it, as in has(user.age_days) && …",
        ),
        (
            "context.exists(m, m.action != null) && context.exists(m, m.action.contains('b'))",
            "column 58: m.action: may be null and has no contains() then: guard it, as in has(m.action) && …",
        ),
        (
            "user.custom['a'] > 1",
            "column 1: user.custom['a']: may be missing and has no order then: guard it, as in 'a' in user.custom && …",
        ),
        ("user.custom.vip && true", "column 1: user.custom.vip: write user.custom.vip == true"),
        # what would never come true, or never get to the judge
        ("counts.same_10m >= 501", "column 17: counts.same_10m: at most 500 texts of a conversation are remembered"),
        (
            "context.exists(m, m.age_s < 9 && severity > 1)",
            "column 9: exists: the judge, which knows severity, has no context: compare severity apart",
        ),
        (
            "labels.exists(l, text.startsWith(l))",
            "column 1: text: the judge has none of it: compare it apart from what it alone knows, such as labels",
        ),
    ],
)
def test_a_condition_is_refused_with_one_line(source: str, line: str | None) -> None:
    functions = "contains, startsWith, endsWith, matches, size, lowerAscii, exists, all, exists_one, filter, map"
    assert lines(source) == (line or f"column 6: length: unknown function: one of {functions}",)


@pytest.mark.parametrize(
    "source", ["labels.scma.severity > 1", "'scma' in labels", "has(labels.scma)", "labels['scma'].severity > 1"]
)
def test_a_label_that_nothing_finds_is_refused_and_the_known_ones_are_named(source: str) -> None:
    (line,) = lines(source)
    assert "scma: unknown label: one of abuse, alcohol, child_safety, crypto, drugs" in line


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_source() -> None:
    assert lines("user.strike > 1 && user.age_days < 3 && foo.bar == 1 && text > 2") == (
        f"column 1: user.strike: unknown field: one of {USER}",
        "column 20: user.age_days: may be null and has no order then: guard it, as in has(user.age_days) && …",
        f"column 41: foo: unknown variable: one of {NAMES}",
        "column 62: > orders two numbers or two strings, these are string and int",
    )


def test_a_guard_that_may_fail_guards_nothing() -> None:
    (line,) = lines("(10 / severity > 1 ? has(user.role) : false) && user.role.size() > 1")
    assert "user.role: may be null" in line


def test_a_long_source_is_refused() -> None:
    assert lines("true" + " " * 4000) == ("column 4001: 4004 characters: at most 4000",)


def test_a_condition_of_too_many_parts_is_refused() -> None:
    assert lines("||".join(["true"] * 501)) == ("column 3001: more than 500 operands and operators: split the rule",)


@pytest.mark.parametrize(
    "source", ["(" * 500 + "true", "!" * 400 + "true", "[" * 500, "-" * 400 + "1", "true?true:" * 100 + "true"]
)
def test_deep_nesting_is_refused_before_it_fills_the_stack(source: str) -> None:
    (line,) = lines(source)
    assert line.endswith("nested deeper than 60")


def test_a_deep_row_of_signs_is_refused_before_it_fills_the_stack() -> None:
    (line,) = lines("1" + " + 1" * 200 + " > 1")
    assert line.endswith("nested deeper than 60")


def test_comprehensions_within_one_another_end_at_two() -> None:
    assert lines("context.exists(a, context.exists(b, context.exists(c, c.text == a.text)))") == (
        "column 45: exists: comprehensions within one another: at most 2",
    )


def test_what_costs_too_much_is_refused_with_cost_and_limit() -> None:
    (line,) = lines("context.exists(a, context.exists(b, text.matches('x') && text.contains(b.text)))")
    # 10 messages by 10, and for each pair a pattern and a search, 500 steps each
    found = re.fullmatch(r"column 1: costs too much: up to ([0-9]+) steps, at most 10000", line)
    assert found is not None
    assert 100_000 < int(found[1]) < 125_000


def test_the_context_may_be_held_against_itself() -> None:
    compiled("context.exists(a, context.exists(b, a.age_s != b.age_s && a.text.contains(b.text)))", LABELS)


def test_the_limit_of_remembered_texts_is_that_of_the_windows() -> None:
    assert limits.MARKS == MOST_MARKS


def test_every_example_of_the_package_is_accepted() -> None:
    examples = [line.strip() for line in str(condition.__doc__).splitlines() if line.startswith("    ")]
    assert len(examples) == 12
    for each in examples:
        compiled(each, LABELS)


WORDS = (
    *("text", "labels", "user", "context", "severity", "strikes", "scam", "exists", "has", "size", "m", "in", "null"),
    *(".", "[", "]", "(", ")", ",", "&&", "||", "!", "?", ":", "+", "-", "*", "/", "%", "==", "!=", "<", ">="),
    *("'a'", "r'('", "1", "2.5", "true"),
)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)))
def test_any_source_is_accepted_or_refused_and_nothing_else(source: str) -> None:
    try:
        compiled(source, LABELS)
    except ConditionErrors as refused:
        found = refused.lines
    else:
        found = ("accepted",)
    assert found
    assert all("\n" not in line for line in found)
