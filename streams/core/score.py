"""Scores: what the engines answered to one content in, one number for each label out."""

from collections.abc import Mapping, Sequence
from typing import Any

from streams.core.engine import Apart, Engine
from streams.core.finding import Answer, Report


def scores(engines: Mapping[str, Engine | Apart], answered: Sequence[tuple[str, Answer | Report]]) -> dict[str, float]:
    """Return the highest score, 0..1, of every label that any engine scored, triggered or not; in alphabetical order.

    An engine that answered scores all its labels: as it says itself, else what it found by its confidence, or 1 without
    one, and the rest 0. An engine that could not look well scores only what it names, one that failed nothing.
    """
    best: dict[str, float] = {}
    for name, answer in answered:
        if answer.status not in {"ok", "not_evaluated"}:
            continue
        own: dict[str, Any] = dict.fromkeys(engines[name].labels, 0.0) if answer.status == "ok" else {}
        for finding in answer.findings:
            sure = 1.0 if finding.confidence is None else finding.confidence / 100
            own[finding.label] = max(own.get(finding.label, 0.0), sure)
        own.update(answer.scores or {})
        for label, score in own.items():
            best[label] = max(best.get(label, 0.0), score)
    return dict(sorted(best.items()))
