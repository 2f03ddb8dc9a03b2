import json
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from streams.core.engine import Text
from streams.engines.pattern import MOST_SPANS, Pattern, PatternsConfig


def built(*patterns: str | dict[str, Any]) -> Pattern:
    """Return an engine with these patterns, called a, b, c … where they have no name."""
    entries = [{"pattern": entry} if isinstance(entry, str) else entry for entry in patterns]
    named = [{"name": "abcdefgh"[index % 8] + f"_{index}", **entry} for index, entry in enumerate(entries)]
    return Pattern(PatternsConfig.model_validate({"patterns": named}))


def pieces(engine: Pattern, text: str) -> list[str]:
    """Return what was found, as it stands in the text."""
    (answer,) = engine.inspect([Text(text)])
    return [text[slice(*evidence.span or ())] for finding in answer.findings for evidence in finding.evidence]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\d{3}-\d{3}-\d{4}", "call 555-123-4567 now", "555-123-4567"),
        (r"(http|https):\/\/[^\s]+", "see https://example.com/x", "https://example.com/x"),
        (r"(ha){5,}", "hahahahahaha", "hahahahahaha"),
        (r"fr[e3]{2}\s*m[o0]n[e3]y", "fr33 m0ney", "fr33 m0ney"),
        (r"идиот+", "😀é идиоттт 字", "идиоттт"),
        (r"字.", "😀字é́", "字é"),
        (r".$", "ab👨‍👩‍👧", "👧"),
    ],
)
def test_a_span_is_the_matched_text_whatever_stands_before_it(pattern: str, text: str, found: str) -> None:
    assert pieces(built(pattern), text) == [found]


def test_case_counts_unless_a_pattern_says_that_it_does_not() -> None:
    assert pieces(built("free"), "FREE") == []
    assert pieces(built({"pattern": "free|gratis", "case_sensitive": False}), "FREE Gratis") == ["FREE", "Gratis"]


def test_each_pattern_gives_one_finding_with_its_label_and_severity() -> None:
    engine = built(
        {"pattern": "ab", "label": "pii", "severity": "high"}, {"pattern": "b+", "label": "spam"}, {"pattern": "zz"}
    )
    (answer,) = engine.inspect([Text("abb ab")])

    assert [(finding.rule, finding.label, finding.severity) for finding in answer.findings] == [
        ("a_0", "pii", "high"),
        ("b_1", "spam", None),
    ]
    assert [evidence.span for evidence in answer.findings[1].evidence] == [(1, 3), (5, 6)]
    assert answer.scores == {"pii": 1.0, "spam": 1.0}


def test_spans_are_at_most_fifty_and_the_last_covers_the_rest() -> None:
    (answer,) = built("é").inspect([Text("é " * 80)])
    spans = [evidence.span for evidence in answer.findings[0].evidence]

    assert len(spans) == MOST_SPANS
    assert spans[-1] == (98, 159)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        (r"(?=a)b", "look-around"),
        (r"(?!a)b", "look-around"),
        (r"(?<=a)b", "look-around"),
        (r"(?<!a)b", "look-around"),
        (r"(a)\1", "back-references"),
        (r"(?P<x>a)(?P=x)", "back-references"),
        (r"(?>a)b", "atomic"),
        (r"a++", "possessive"),
        (r"a\Z", r"\\z"),
        (r"a{1,2000}", "at most 1000"),
        (r"((a{1,100}){1,100}){1,100}", "at most 1000"),
        (r"(?:\pL{1,500}\pN{1,500}){1,2}" * 3, "8 MB"),
        (r"(", "missing"),
        (r"a*", "nothing"),
        (r"^$", "nothing"),
        (r"\b", "nothing"),
        (r"x|", "nothing"),
        (r"a\C", "half characters"),
        (r"", "at least 1"),
        ("a" * 1001, "at most 1000"),
    ],
)
def test_a_pattern_is_refused_with_the_reason(pattern: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        built(pattern)


def test_all_wrong_patterns_are_named_in_one_go() -> None:
    with pytest.raises(ValidationError) as caught:
        built("(?=a)b", "fine", "a*")

    assert [error["loc"] for error in caught.value.errors()] == [("patterns", 0, "pattern"), ("patterns", 2, "pattern")]


def test_two_thousand_patterns_work_and_one_more_is_refused() -> None:
    patterns = [f"word{number}x+" for number in range(2000)]

    assert pieces(built(*patterns), "a word1999xx b") == ["word1999xx"]
    with pytest.raises(ValidationError, match="at most 2000"):
        built(*patterns, "word")


def test_patterns_that_match_everything_do_not_look_like_too_little_memory() -> None:
    assert pieces(built(".+", r"[^a]"), "b") == ["b", "b"]


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def attack(row: dict[str, Any]) -> str:
    """Return the text that hangs a backtracking engine on a row's pattern, at most as long as a message."""
    parts = row["attack"]["parts"]
    return "".join(part * (row["attack"]["repeat"] if repeated else 1) for part, repeated in parts)[:20_000]


def test_patterns_that_hang_backtracking_engines_are_refused_or_fast(shared: Path) -> None:
    rows = rows_of(shared / "data" / "regex" / "redos_vulnerable.jsonl")
    refused = 0
    for row in rows:
        try:
            engine = built(row["regex"])
        except ValidationError:
            refused += 1
            continue
        before = time.process_time()
        engine.inspect([Text(attack(row))])
        assert time.process_time() - before < 0.5, row["id"]
    assert refused < len(rows) / 4


def test_patterns_from_the_wild_are_taken_or_refused_and_crash_nothing(shared: Path) -> None:
    rows = rows_of(shared / "data" / "regex" / "regex_wild_unlabelled.jsonl")
    taken = 0
    for row in rows:
        try:
            built(row["regex"]).inspect([Text("some text 123, a@b.example 😀")])
        except ValidationError:
            continue
        taken += 1
    assert taken > len(rows) / 2


@pytest.mark.parametrize("number", ["13", "14", "15", "16"])
def test_the_specifications_examples_come_out_as_stated(shared: Path, number: str) -> None:
    cases = {case["id"]: case for case in json.loads((shared / "data" / "seed_cases.json").read_text("utf-8"))}
    case = cases[f"seed-{number}"]

    assert pieces(built(case["pattern"]), case.get("probe", case["input"])) != []
