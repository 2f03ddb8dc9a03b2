"""Rows, answers and engines of the evaluation tests."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from streams.core.action import Action
from streams.core.engine import Accepts, Config, Example, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.label import Severity
from streams.core.policy import Policy, PolicyRef
from streams.core.rule import Rule
from streams.evaluation.rows import Labels, Row
from streams.evaluation.running import FoundSpan, Judged

SPAM = Rule("words", "spam", "spam", "flag")
PII = Rule("words", "pii", "pii", "mask")
TRIED = Rule("words", "tried", "abuse", "block", mode="shadow")


def row(
    number: int | str = 1,
    text: str = "hello",
    positive: Sequence[str] = (),
    negative: Sequence[str] = (),
    *,
    severity: Severity | None = None,
    context: Sequence[str] = (),
    **orig: Any,
) -> Row:
    """Return a labelled row."""
    return Row(f"r{number}", text, Labels(tuple(positive), tuple(negative), severity, orig), tuple(context))


def line(number: int | str = 1, text: str = "hello", **labels: Any) -> dict[str, Any]:
    """Return a row as its file has it."""
    labelled = {"positive": [], "negative": [], **labels}
    return {"id": f"r{number}", "text": text, "context": [], "labels": labelled, "source": "made for this test"}


def file(path: Path, *records: dict[str, Any] | bytes) -> Path:
    """Write records as the lines of a file; bytes stand for themselves."""
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def answer(
    scores: dict[str, float] | None = None,
    found: Sequence[str] = (),
    acted: Sequence[str] = (),
    action: Action = "allow",
    severity: Severity | None = None,
    spans: Sequence[FoundSpan] = (),
) -> Judged:
    """Return what a policy made of a row."""
    return Judged(scores or {}, frozenset(found), frozenset(acted), action, severity, tuple(spans))


def policy(*rules: Rule) -> Policy:
    """Return a compiled policy with these rules of the engine `words`."""
    return Policy(
        ref=PolicyRef("made", "0123456789ab"),
        kinds=frozenset({"message"}),
        rules={(rule.engine, rule.name): rule for rule in rules or (SPAM, PII, TRIED)},
        text_engines=("words",),
        media_engines=(),
        exempt=(),
        failure={"words": "closed"},
        failure_action="flag",
        deadline_ms=1000,
    )


class Words:
    """Finds `spam` where a text says so, `pii` in digits, `abuse` where it shouts; scores spam by the text's length."""

    name: ClassVar[str] = "words"
    version: ClassVar[str] = "7"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[Config]] = Config
    rules: tuple[Rule, ...] = (SPAM, PII, TRIED)
    labels: frozenset[str] = frozenset({"spam", "pii", "abuse"})

    def __init__(self) -> None:
        self.asked: list[int] = []  # texts of each call

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return one answer for each text; a text that says `crash` is a defect."""
        self.asked.append(len(batch))
        if any("crash" in subject.text for subject in batch):
            raise RuntimeError("a secret text")
        return [self._answer(subject.text) for subject in batch]

    def _answer(self, text: str) -> Answer:
        findings = []
        if "spam" in text:
            findings.append(Finding("spam", "spam", severity="medium"))
        if text[-1:].isdigit():
            evidence = (Evidence(span=(len(text) - 1, len(text))),)
            findings.append(Finding("pii", "pii", severity="low", evidence=evidence))
        if text.isupper():
            findings.append(Finding("abuse", "tried", severity="high"))
        scores = {"spam": min(len(text), 100) / 100}
        return Answer(findings=tuple(findings), scores=scores) if findings else Answer(scores=scores)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return none: this engine is for tests."""
        return ()


class Trained(Words):
    """The same, and has seen every text that says `known` in training: held out, it scores nothing for them."""

    def __init__(self) -> None:
        super().__init__()
        self.held_out: list[int] = []

    def inspect_held_out(self, batch: Sequence[Text]) -> tuple[list[Answer], int]:
        """Return the answers without what was learnt from the texts, and how many were learnt from."""
        self.held_out.append(len(batch))
        known = ["known" in subject.text for subject in batch]
        own = [self._answer(subject.text) for subject in batch]
        return [NOTHING_FOUND if seen else each for seen, each in zip(known, own, strict=True)], sum(known)


def inspected(engine: Any, batch: Sequence[Text]) -> tuple[list[Answer], float]:
    """Call an engine as the stream does, without its metrics."""
    return engine.inspect(batch), 0.0
