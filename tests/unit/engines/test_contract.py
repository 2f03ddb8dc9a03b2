"""What holds for every engine of the catalog; a new engine is in as soon as the catalog names it."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from streams.core.engine import Engine, Media, Subject, Text
from streams.core.finding import Answer
from streams.core.label import NAME
from streams.engines.catalog import BUILT_IN, engine_named

TEXTS = (
    Text(""),
    Text(" "),
    Text("\n"),
    Text("\x00"),
    Text("a\x00b\x00" * 100),
    Text("a" * 20_000),
    Text("1" * 20_000),
    Text("ab " * 6_600),
    Text("é" * 20_000),
    Text("\u0316\u0301" * 10_000),  # marks on nothing, in the order that sorts slowest
    Text("👨‍👩‍👧‍👦" * 2_000),
    Text("ﷺ" * 20_000),  # one character that normalises to eighteen
    Text("\u202e\u2066\ufeff\u200b\u00ad"),
    Text("\ufffe\uffff\U0010ffff\U000e0041"),
    Text("\U0010fff0\U0010fff1\U0010fff2"),
    Text("Ω≈ç√∫˜µ≤≥÷ ԁ҉̛ 田中さん ﻿الكل 1;DROP TABLE users `${IFS}`"),  # noqa: RUF001 - junk on purpose
)


def _pixels(height: int, width: int) -> Any:
    return np.full((height, width, 3), 255, dtype=np.uint8)


PICTURES = (
    Media("0" * 64, "image", "JPEG"),
    Media("1" * 64, "image", "PNG", (_pixels(1, 1),), (0,)),
    Media("2" * 64, "image", "PNG", (_pixels(1, 4000),), (0,)),
    Media("3" * 64, "image", "GIF", (_pixels(64, 64),) * 3, (0, 40, 80)),
    Media("4" * 64, "video", "MP4"),
)


@pytest.fixture(params=list(BUILT_IN))
def kind(request: pytest.FixtureRequest) -> type[Engine]:
    """Return each engine's class."""
    return engine_named(request.param)


def built(kind: type[Engine], config: Any) -> Engine:
    """Return an engine from a raw configuration."""
    return kind(kind.Config.model_validate(config))


def hostile(kind: type[Engine]) -> list[Subject]:
    """Return subjects that break naive engines, and the engine's own examples among them."""
    subjects: Sequence[Subject] = TEXTS if kind.accepts == "text" else PICTURES
    return [*subjects, *(example.subject for example in kind.examples())]


def labels_of(answer: Answer) -> frozenset[str]:
    """Return the labels of an answer's findings."""
    return frozenset(finding.label for finding in answer.findings)


def test_an_engine_is_called_what_the_catalog_calls_it(kind: type[Engine]) -> None:
    assert BUILT_IN[kind.name]() is kind
    assert NAME.fullmatch(kind.name)


def test_an_engine_has_a_version(kind: type[Engine]) -> None:
    assert re.fullmatch(r"[0-9A-Za-z._-]{1,64}", kind.version)


def test_an_engine_has_an_example_with_findings_and_one_without(kind: type[Engine]) -> None:
    found = [bool(example.labels) for example in kind.examples()]
    reads_for_others = not built(kind, kind.examples()[0].config).labels

    assert (True in found) is not reads_for_others
    assert False in found


def test_the_examples_hold(kind: type[Engine]) -> None:
    for example in kind.examples():
        (answer,) = built(kind, example.config).inspect([example.subject])
        assert answer.status == "ok"
        assert labels_of(answer) == example.labels


def test_rule_names_are_unique(kind: type[Engine]) -> None:
    for example in kind.examples():
        names = [rule.name for rule in built(kind, example.config).rules]
        assert len(names) == len(set(names))


def test_every_finding_belongs_to_a_rule_and_a_label_of_the_engine(kind: type[Engine]) -> None:
    for example in kind.examples():
        engine = built(kind, example.config)
        rules = {rule.name: rule for rule in engine.rules}
        for answer in engine.inspect(hostile(kind)):
            for finding in answer.findings:
                assert (finding.rule or finding.label) in rules
                assert finding.label in engine.labels


def test_an_answer_is_the_same_alone_in_a_batch_and_again(kind: type[Engine]) -> None:
    for example in kind.examples()[:2]:
        engine = built(kind, example.config)
        subjects = hostile(kind)
        together = engine.inspect(subjects)

        assert [engine.inspect([subject])[0] for subject in subjects] == together
        assert engine.inspect(subjects[::-1]) == together[::-1]
        assert built(kind, example.config).inspect(subjects) == together


def test_an_empty_batch_has_no_answers(kind: type[Engine]) -> None:
    assert built(kind, kind.examples()[0].config).inspect([]) == []


@pytest.mark.parametrize("name", [name for name in BUILT_IN if engine_named(name).accepts == "text"])
def test_spans_lie_within_the_text(name: str) -> None:
    kind = engine_named(name)
    for example in kind.examples():
        subjects = hostile(kind)
        for subject, answer in zip(subjects, built(kind, example.config).inspect(subjects), strict=True):
            assert isinstance(subject, Text)
            for evidence in (evidence for finding in answer.findings for evidence in finding.evidence):
                assert evidence.span is not None
                assert 0 <= evidence.span[0] < evidence.span[1] <= len(subject.text)


def test_scores_lie_between_nought_and_one(kind: type[Engine]) -> None:
    for example in kind.examples():
        for answer in built(kind, example.config).inspect(hostile(kind)):
            assert all(0 <= score <= 1 for score in (answer.scores or {}).values())


def test_an_unknown_key_is_refused(kind: type[Engine]) -> None:
    with pytest.raises(ValueError, match="made_up_key"):
        kind.Config.model_validate({**kind.examples()[0].config, "made_up_key": 1})


def test_evidence_quotes_no_text(kind: type[Engine]) -> None:
    for example in kind.examples():
        for finding in built(kind, example.config).inspect([example.subject])[0].findings:
            assert all(evidence.snippet is None for evidence in finding.evidence)
