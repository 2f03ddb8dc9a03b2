# ruff: noqa: RUF001 (letters that look alike are what is tested here)
"""What the default policy finds of words that were written so as not to be found, and of texts that break programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.adapters.policies import load
from streams.core.engine import Engine, Text
from streams.core.span import masked
from tests.unit.engines.disguises import CLEAN, DISGUISED

ANSWERED = ("ok", "not_evaluated")  # texts in other languages are not evaluated by every engine
ENGINES = tuple(engine for engine in load(None).engines if engine.accepts == "text")


def findings(text: str) -> list[Any]:
    """Return all findings of a text."""
    return [finding for engine in ENGINES for finding in engine.inspect([Text(text)])[0].findings]


def is_profane(text: str) -> bool:
    """Say whether a text is found profane."""
    return any(finding.label == "profanity" for finding in findings(text))


def spans(text: str) -> list[Any]:
    """Return what the lists of coarse words find."""
    lists = ("profanity", "exclamations")
    evidence = [each for finding in findings(text) if finding.rule in lists for each in finding.evidence]
    return [each.span for each in evidence]


def hidden(text: str) -> str:
    """Return a text with that masked."""
    return masked(text, spans(text))


def f1(profane: Sequence[str], clean: Sequence[str]) -> float:
    """Return the F1 of finding the profane texts among both."""
    right = sum(map(is_profane, profane))
    return 2 * right / (right + sum(map(is_profane, clean)) + len(profane))


@pytest.mark.parametrize("half", [0, 1])
def test_disguised_words_are_told_from_words_that_resemble_them(half: int) -> None:
    assert f1(DISGUISED[half::2], CLEAN[half::2]) >= 0.95


def test_rows_that_others_wrote_are_told_apart(shared: Path) -> None:
    file = shared / "data" / "text" / "dev" / "profanity_evasion_ru_en.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    profane = [row["text"] for row in rows if "profanity" in row["labels"]["positive"]]
    clean = [row["text"] for row in rows if "profanity" in row["labels"]["negative"]]

    assert f1(profane, clean) >= 0.95


def test_messages_of_everyday_hold_no_disguised_words(shared: Path) -> None:
    file = shared / "data" / "text" / "dev" / "sms_spam_uci.jsonl"
    texts = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
    found = [text[slice(*span)] for text in texts for span in spans(text)]

    assert [word for word in found if not word.isalpha()] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("what the f u c k!", "what the ****!"),
        ("f\u200bu\u200bc\u200bk off", "**** off"),
        ("so sh!iiit, b*tch", "so ****, ****"),
        ("п#и#з#д#е#ц, опять", "****, опять"),
        ("иди на#хуя отсюда", "иди **** отсюда"),
        ("НАХУЙ-то зачем", "****-то зачем"),
    ],
)
def test_a_mask_hides_the_whole_disguise(text: str, shown: str) -> None:
    assert hidden(text) == shown


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_every_text_is_answered(text: str) -> None:
    for engine in ENGINES:
        (answer,) = engine.inspect([Text(text)])
        assert answer.status in ANSWERED


@pytest.mark.parametrize("piece", ["😀", "👨‍👩‍👧", "\u200b", "\u202e", "\u2067\u202e", "a\u0301\u0316", "х*", "f u "])
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_long_texts_of_one_kind_are_answered(engine: Engine, piece: str) -> None:
    (answer,) = engine.inspect([Text((piece * 20_000)[:20_000])])

    assert answer.status in ANSWERED


def test_naughty_strings_are_answered(shared: Path) -> None:
    file = shared / "data" / "text" / "dev" / "naughty_strings.jsonl"
    texts = [Text(json.loads(line)["text"]) for line in file.read_text("utf-8").splitlines()]
    for engine in ENGINES:
        answers = engine.inspect(texts)
        assert all(answer.status in ANSWERED for answer in answers)
        assert answers == [engine.inspect([text])[0] for text in texts]
