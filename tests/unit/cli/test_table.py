"""Decisions as lines."""

import msgspec
import pytest

from streams.cli.table import fitted, heading, line, printable
from streams.core.decision import Decision, Triggered
from streams.core.policy import PolicyRef

DECISION = Decision(
    decision_id="d",
    content_id="m1",
    kind="message",
    user_id="u1",
    revision=0,
    action="mask_flag",
    labels=("pii",),
    triggered=(Triggered("phone", "enforce", "pattern", "pii", "mask_flag"),),
    shadow=(),
    reports=(),
    context=(),
    policy=PolicyRef("chat", "1"),
    source="automatic",
    escalate=False,
    partial=False,
    reason="pattern rule phone found pii",
    received_at="2026-01-31T12:00:00.000Z",
    decided_at="2026-01-31T12:00:00.007Z",
    masked_text="the rest of the text",
)


def test_a_line_tells_what_was_decided_and_why_but_not_the_text() -> None:
    text = line(DECISION).plain
    assert all(part in text for part in ("mask_flag", "m1", "pii", "pattern/phone", "rule phone found"))
    assert "the rest" not in text


def test_columns_stand_below_their_headings() -> None:
    top, below = heading().plain, line(DECISION).plain
    for name, cell in (("action", "mask_flag"), ("kind", "message"), ("content", "m1"), ("rule", "pattern/phone")):
        assert top.index(name) == below.index(cell)


def test_an_id_of_a_stranger_cannot_steer_the_terminal() -> None:
    hostile = msgspec.structs.replace(DECISION, content_id="\x1b[2Jgone\r\n", reason="\x07ring")
    assert line(hostile).plain.isprintable()


@pytest.mark.parametrize(("text", "shown"), [("ab", "ab  "), ("abcd", "abcd"), ("abcde", "abc…")])
def test_a_cell_has_its_width(text: str, shown: str) -> None:
    assert fitted(text, 4) == shown


def test_printable_text_stays() -> None:
    assert printable("naïve 日本 🙂") == "naïve 日本 🙂"


@pytest.mark.parametrize(("severity", "confidence", "shown"), [("high", 97.4, "high"), (None, 97.4, "97 %")])
def test_the_degree_is_severity_else_confidence(severity: str | None, confidence: float, shown: str) -> None:
    found = msgspec.structs.replace(DECISION, severity=severity, confidence=confidence)
    assert f" {shown} " in line(found).plain
