from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.core.engine import Text
from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.limit import MOST_MARKS, Limits, LimitsConfig
from streams.core.velocity import mark

OFFER = "Claim your free prize at the shop next to the bank"


def limits(*entries: dict[str, Any], keep: int = 50) -> Limits:
    """Return limits of one minute each, called a, b, c … where they have no name."""
    named = [{"name": chr(ord("a") + index), "within": "60s", **entry} for index, entry in enumerate(entries)]
    return Limits("velocity", LimitsConfig.model_validate({"limits": named, "keep": keep}))


def said(limits: Limits, *sent: tuple[str, str, int]) -> list[Answer]:
    """Return the answers to texts (user, text, second), each judged with the marks of those before it."""
    marks, answers = b"", []
    for user_id, text, second in sent:
        answers.append(limits.answer(text, mark(text, user_id, second * 1000), marks))
        marks = limits.kept(text, user_id, second * 1000, marks)
    return answers


def found(answers: list[Answer]) -> list[list[tuple[str | None, int | None]]]:
    """Return rule and count of each finding."""
    return [[(finding.rule, finding.evidence[0].count) for finding in answer.findings] for answer in answers]


def test_what_is_more_than_the_limit_is_found_with_its_count() -> None:
    answers = said(limits({"kind": "messages", "most": 2}), *[("ann", "hi", second) for second in range(4)])

    assert found(answers) == [[], [], [("a", 3)], [("a", 4)]]


def test_a_finding_names_label_severity_limit_and_the_whole_text() -> None:
    rule = {"kind": "same_text", "most": 1, "severity": "medium", "label": "scam"}
    answer = said(limits(rule), ("ann", OFFER, 0), ("ann", OFFER.upper(), 1))[1]
    (finding,) = answer.findings

    assert (finding.label, finding.severity, finding.threshold) == ("scam", "medium", 1.0)
    assert finding.evidence[0].span == (0, len(OFFER))
    assert answer.scores == {"scam": 1.0}


def test_without_a_text_only_the_count_is_evidence() -> None:
    answer = said(limits({"kind": "messages", "most": 1}), ("ann", "", 0), ("ann", "", 1))[1]

    assert (answer.findings[0].evidence[0].span, answer.findings[0].evidence[0].count) == (None, 2)


def test_what_others_say_does_not_count() -> None:
    answers = said(
        limits({"kind": "same_text", "most": 2}),
        *[(user, OFFER, second) for second, user in enumerate(["ann", "bob", "cy", "ann", "bob", "cy", "ann"])],
    )

    assert [bool(answer.findings) for answer in answers] == [False] * 6 + [True]


def test_what_lies_further_back_than_the_window_does_not_count() -> None:
    answers = said(limits({"kind": "messages", "most": 1}), ("ann", "a", 0), ("ann", "b", 60), ("ann", "c", 119))

    assert found(answers) == [[], [], [("a", 2)]]


def test_short_texts_may_be_repeated() -> None:
    answers = said(limits({"kind": "same_text", "most": 1}), *[("ann", "thank you", second) for second in range(20)])

    assert all(answer is NOTHING_FOUND for answer in answers)


def test_short_texts_may_be_repeated_only_so_often_where_a_limit_says_so() -> None:
    answers = said(
        limits({"kind": "same_text", "most": 3, "min_length": 0}), *[("ann", "ok", second) for second in range(4)]
    )

    assert found(answers)[3] == [("a", 4)]


def test_a_short_text_dressed_up_with_unseen_characters_is_short() -> None:
    answers = said(limits({"kind": "same_text", "most": 1}), ("ann", "ok" + "\u200b" * 50, 0), ("ann", "ok", 1))

    assert found(answers) == [[], []]


def test_similar_texts_are_found_up_to_the_distance() -> None:
    sent = [("ann", f"{OFFER}, {name}", second) for second, name in enumerate(["Bob", "Christina", "Dmitri"])]

    assert found(said(limits({"kind": "similar_text", "most": 2}), *sent))[2] == [("a", 3)]
    assert found(said(limits({"kind": "similar_text", "most": 2, "distance": 0}), *sent))[2] == []


def test_links_of_all_texts_count_and_a_text_without_one_is_not_to_blame() -> None:
    answers = said(
        limits({"kind": "links", "most": 2}),
        ("ann", "http://a.example and http://b.example", 0),
        ("ann", "look at that", 1),
        ("ann", "www.c.example", 2),
        ("bob", "http://d.example http://e.example http://f.example", 3),
    )

    assert found(answers) == [[], [], [("a", 3)], [("a", 3)]]


def test_each_limit_is_held_alone() -> None:
    answers = said(
        limits(
            {"kind": "same_text", "most": 1},
            {"kind": "same_text", "most": 2},
            {"kind": "messages", "most": 1, "within": "1s"},
            {"kind": "similar_text", "most": 1, "within": "5s"},
        ),
        *[("ann", OFFER, second) for second in (0, 4, 8)],
    )

    assert found(answers) == [[], [("a", 2), ("d", 2)], [("a", 3), ("b", 3), ("d", 2)]]


def test_the_marks_kept_bound_what_can_be_counted() -> None:
    answers = said(limits({"kind": "messages", "most": 3}, keep=3), *[("ann", "hi", second) for second in range(9)])

    assert [count for ((_, count),) in filter(None, found(answers))] == [4] * 6


@given(st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from([OFFER, "ok", "http://a.example"]))))
def test_the_first_look_hides_nothing(sent: list[tuple[str, str]]) -> None:
    rules: list[dict[str, Any]] = [
        {"kind": "same_text", "most": 2, "min_length": 0},
        {"kind": "messages", "most": 4},
        {"kind": "links", "most": 3},
    ]
    answers = said(limits(*rules, keep=500), *[(user, text, 0) for user, text in sent])
    for number, (user, text) in enumerate(sent):
        so_far = [other for each, other in sent[: number + 1] if each == user]
        same, links = so_far.count(text), so_far.count("http://a.example") if "http" in text else 0
        expected = [("a", same), ("b", len(so_far)), ("c", links)]

        assert found(answers)[number] == [
            pair for pair, rule in zip(expected, rules, strict=True) if pair[1] > rule["most"]
        ]


def test_the_horizon_is_the_longest_window() -> None:
    made = limits({"kind": "messages", "most": 1}, {"kind": "links", "most": 1, "within": "10m"})

    assert (made.horizon_ms, made.marks) == (600_000, 50)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"kind": "messages", "most": 3, "distance": 4}, "only similar_text"),
        ({"kind": "links", "most": 3, "min_length": 4}, "only same_text and similar_text"),
        ({"kind": "messages", "most": 0}, "greater than or equal to 1"),
        ({"kind": "messages", "most": MOST_MARKS + 1}, "less than or equal"),
        ({"kind": "messages", "most": 51}, "needs 51 marks, 50 are kept"),
        ({"kind": "messages", "most": 3, "within": "1441m"}, "at most a day"),
        ({"kind": "messages", "most": 3, "within": "0s"}, "match pattern"),
        ({"kind": "messages", "most": 3, "within": "2h"}, "match pattern"),
        ({"kind": "similar_text", "most": 3, "distance": 33}, "less than or equal"),
        ({"kind": "speed", "most": 3}, "same_text"),
        ({"kind": "messages"}, "most"),
    ],
)
def test_a_limit_that_cannot_be_meant_is_refused(entry: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        limits(entry)


@given(st.text(max_size=200), st.integers(0, 253_402_300_799_999), st.integers(0, 253_402_300_799_999))
def test_any_text_at_any_time_has_an_answer(text: str, before: int, at: int) -> None:
    made = limits({"kind": "similar_text", "most": 1, "min_length": 0}, {"kind": "links", "most": 1})
    marks = made.kept(text, "ann", before, b"")

    assert made.answer(text, mark(text, "ann", at), marks).status == "ok"
    assert len(made.kept(text, "ann", at, marks)) >= len(marks) / 2


def test_a_text_as_engines_see_it_needs_no_author() -> None:
    assert said(limits({"kind": "messages", "most": 1}), (Text("hi").user_id, "hi", 0)) == [NOTHING_FOUND]
