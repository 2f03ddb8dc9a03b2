"""Rows and what a policy made of them in, all figures out: per file and label, and over all files."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from streams.core.engine import Engine
from streams.core.label import SEVERITIES
from streams.core.policy import Policy
from streams.evaluation import functional, spans
from streams.evaluation.measures import (
    agreement,
    area,
    at_precision,
    average_precision,
    binned,
    brier,
    calibration_error,
    curve,
    macro_f1,
    ranked,
    ratio,
)
from streams.evaluation.question import Question, questions
from streams.evaluation.report import (
    Benign,
    Calibration,
    Detection,
    EngineReport,
    FileReport,
    Measured,
    Operating,
    Severities,
    Side,
    Speed,
)
from streams.evaluation.rows import LabelledFile, Row
from streams.evaluation.running import Judged, Run, Timed, acts

PRECISION: Final = 0.8  # at which recall is told
BINS: Final = 10  # of scores
POINTS: Final = 101  # of a curve, at most


class Part(NamedTuple):
    """Rows that are measured together."""

    file: str | None  # None: all
    rows: Sequence[Row]
    judged: Sequence[Judged]


def side(
    files: Sequence[LabelledFile], run: Run, policy: Policy, engines: Sequence[Engine], only: Sequence[str]
) -> Side:
    """Return all figures of a policy; of the labels in `only`, or of all where it is empty."""
    parts, start = [], 0
    for file in files:
        parts.append(Part(file.name, file.rows, run.judged[start : start + len(file.rows)]))
        start += len(file.rows)
    if len(files) > 1:
        parts.append(Part(None, [row for file in files for row in file.rows], run.judged))
    return Side(
        policy=policy.ref,
        measured=[measured(part, question) for part in parts for question in questions(part.rows, only)],
        benign=[harmless for part in parts if (harmless := benign(part)).rows],
        severities=[graded for part in parts if (graded := severities(part))],
        spans=[line for part in parts for line in spans.measured(*part)],
        functional=[line for part in parts if part.file for line in functional.measured(part.file, *part[1:])],
        speeds=[speed(timed) for timed in run.timed],
        engines=[
            EngineReport(engine.name, engine.version, dict(run.statuses[engine.name]), run.trained_on.get(engine.name))
            for engine in engines
        ],
        not_run=list(policy.apart_engines),
    )


def file_report(file: LabelledFile) -> FileReport:
    """Return what a file holds."""
    listed = Counter(label for row in file.rows for label in (*row.labels.positive, *row.labels.negative))
    return FileReport(file.name, len(file.rows), file.refused, dict(sorted(listed.items())))


def measured(part: Part, question: Question) -> Measured:
    """Return the figures of one label."""
    asked = [
        (yes, answer)
        for row, answer in zip(part.rows, part.judged, strict=True)
        if (yes := question.truth(row)) is not None
    ]
    truth = np.array([yes for yes, _ in asked], dtype=np.bool_)
    scores = np.array([question.score(answer) for _, answer in asked], dtype=np.float64)
    found = np.array([not question.labels.isdisjoint(answer.found) for _, answer in asked], dtype=np.bool_)
    acted = np.array([not question.labels.isdisjoint(answer.acted) for _, answer in asked], dtype=np.bool_)
    points = ranked(truth, scores)
    bins = binned(truth, scores, BINS)
    best = at_precision(points, PRECISION)
    return Measured(
        file=part.file,
        label=question.name,
        rows=len(asked),
        positives=int(truth.sum()),
        auc=area(points),
        ap=average_precision(points),
        found=Detection(*agreement(truth, found)),
        acted=Detection(*agreement(truth, acted)),
        at_precision=Operating(*best) if best else None,
        calibration=Calibration(
            calibration_error(bins), brier(truth, scores), bins.positives, bins.negatives, bins.mean
        ),
        curve=[(point.threshold, point.precision, point.recall) for point in curve(points, POINTS)],
    )


def benign(part: Part) -> Benign:
    """Return on how many harmless rows the policy acts."""
    acted = [
        acts(answer.action)
        for row, answer in zip(part.rows, part.judged, strict=True)
        if row.labels.negative and not row.labels.positive
    ]
    return Benign(part.file, len(acted), sum(acted), ratio(sum(acted), len(acted)))


def severities(part: Part) -> Severities | None:
    """Return how severities agree; None where no row has one."""
    pairs: list[tuple[str, str]] = [
        (row.labels.severity, answer.severity or "none")
        for row, answer in zip(part.rows, part.judged, strict=True)
        if row.labels.severity is not None
    ]
    if not pairs:
        return None
    given, found = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    exact, seen = int((given == found).sum()), int((found != "none").sum())
    counts = Counter(pairs)
    return Severities(
        file=part.file,
        rows=len(pairs),
        found=seen,
        exact=exact / len(pairs),
        exact_of_found=ratio(exact, seen),
        macro_f1=macro_f1(given, found),
        confusion={
            graded: {answer: counts[graded, answer] for answer in (*SEVERITIES, "none")}
            for graded in SEVERITIES
            if (given == graded).any()
        },
    )


def speed(timed: Timed) -> Speed:
    """Return milliseconds a text and texts a second from the seconds of batches."""
    texts, seconds = sum(timed.texts), sum(timed.seconds)
    if not texts:
        return Speed(timed.engine, 0, None, None, None, None)
    means = np.array(timed.seconds) / np.array(timed.texts) * 1000
    p50, p99 = np.percentile(means, [50, 99])
    return Speed(timed.engine, texts, seconds / texts * 1000, float(p50), float(p99), ratio(texts, seconds))
