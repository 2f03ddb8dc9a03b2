"""Scores: what the engines answered to one content in, one number for each label out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from streams.core.engine import Apart, Engine
from streams.core.finding import Answer, Report

# What a score that is no probability is worth beside one: a full hit of a list or filter is right every other time.
WORTH: Final = 0.5


def scores(engines: Mapping[str, Engine | Apart], answered: Sequence[tuple[str, Answer | Report]]) -> dict[str, float]:
    """Return a score, 0..1, of every label that any engine scored, triggered or not; in alphabetical order.

    An engine that answered scores all its labels: as it says itself, else what it found by its confidence, or 1 without
    one, and the rest 0. An engine that could not look well scores only what it names, one that failed nothing. Of
    several scores the highest counts; beside a probability (of an engine that is `calibrated`) the others are further
    signs of the same, and lower what remains of doubt.
    """
    probable: dict[str, float] = {}
    other: dict[str, float] = {}
    for name, answer in answered:
        if answer.status not in {"ok", "not_evaluated"}:
            continue
        engine = engines[name]
        own: dict[str, Any] = dict.fromkeys(engine.labels, 0.0) if answer.status == "ok" else {}
        for finding in answer.findings:
            sure = 1.0 if finding.confidence is None else finding.confidence / 100
            own[finding.label] = max(own.get(finding.label, 0.0), sure)
        own.update(answer.scores or {})
        into = probable if getattr(engine, "calibrated", False) else other
        for label, score in own.items():
            into[label] = max(into.get(label, 0.0), score)
    both = {label: round(1 - (1 - sure) * (1 - WORTH * other.get(label, 0.0)), 4) for label, sure in probable.items()}
    return dict(sorted((other | both).items()))
