"""Thresholds: how near each text of a sample comes to a filter in, what each threshold finds and the best one out."""

from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from streams.core.content import Text
from streams.evaluation.measures import Point, Ranked, Scores, Truth, agreement, at_precision, average_precision, ranked
from streams.evaluation.rows import BadRows, Labels

# Thresholds that are always told: the range in which filters are useful.
TOLD: Final = tuple(round(step / 100, 2) for step in range(30, 62, 4))
DIGITS: Final = (2, 3, 4, 6)  # of a suggestion, as few as tell the same texts apart


class Sample(msgspec.Struct, frozen=True):
    """A text with its labels, or with whether it matches the one filter that is asked about."""

    text: Text
    labels: Labels | None = None
    match: bool | None = None

    def __repr__(self) -> str:
        """Show the length only: content never reaches a log."""
        return f"Sample({len(self.text)} characters)"

    def truth(self, label: str) -> bool | None:
        """Return whether the text is one that a filter of this label should find; None where nobody says."""
        if self.match is not None:
            return self.match
        if self.labels is None or label not in (*self.labels.positive, *self.labels.negative):
            return None
        return label in self.labels.positive


class Line(msgspec.Struct, frozen=True):
    """What one threshold finds."""

    threshold: float
    precision: float | None  # None where it finds nothing
    recall: float | None
    f1: float | None
    share: float  # of all texts of the sample, labelled or not


class Suggestion(msgspec.Struct, frozen=True):
    """What is known of one filter's threshold."""

    filter: str
    label: str
    rows: int  # that say whether the filter should find them
    positives: int
    average_precision: float | None
    current: float  # the policy's threshold
    suggested: float | None  # None without positives, or where no threshold is as precise as is asked
    lines: tuple[Line, ...]  # in ascending order, the current and the suggested threshold among them


class Filter(NamedTuple):
    """A filter, and how near each text of the sample comes to it."""

    name: str
    label: str
    threshold: float
    scores: Scores  # float64 [texts], -1..1


_decoder: Final = msgspec.json.Decoder(Sample)


def samples(file: Path) -> list[Sample]:
    """Return the rows of a file of JSON lines; raise BadRows naming the line that is none, or OSError."""
    found = []
    for number, line in enumerate(file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            sample = _decoder.decode(line)
        except (msgspec.ValidationError, UnicodeError) as error:
            what = "no UTF-8" if isinstance(error, UnicodeError) else f"no row of a sample: {error}"
            raise BadRows(f"{file}: line {number}: is {what}") from None
        except (msgspec.DecodeError, RecursionError):
            raise BadRows(f"{file}: line {number}: is no JSON") from None
        if (sample.labels is None) == (sample.match is None):
            raise BadRows(
                f'{file}: line {number}: needs either "labels": {{positive, negative}} or "match": true or false'
            )
        found.append(sample)
    if not found:
        raise BadRows(f"{file}: holds no rows")
    return found


def suggestion(sample: list[Sample], one: Filter, precision: float | None = None) -> Suggestion:
    """Return what thresholds of a filter find in a sample, and the best: by F1, or the lowest that is so precise."""
    answers = [each.truth(one.label) for each in sample]
    known = np.array([answer is not None for answer in answers], np.bool_)
    truth = np.array([answer for answer in answers if answer is not None], np.bool_)
    scores = one.scores[known]
    points = ranked(truth, scores)
    suggested = threshold(points, precision)
    told = sorted({*TOLD, one.threshold, *([] if suggested is None else [suggested])})
    return Suggestion(
        filter=one.name,
        label=one.label,
        rows=len(truth),
        positives=points.positives,
        average_precision=average_precision(points),
        current=one.threshold,
        suggested=suggested,
        lines=tuple(_line(truth, scores, one.scores, each) for each in told),
    )


def threshold(points: Ranked, precision: float | None = None) -> float | None:
    """Return the best threshold within 0..1; None without positives, or where none is as precise as asked."""
    within = points.thresholds > 0
    points = Ranked(points.thresholds[within], points.hits[within], points.alarms[within], *points[3:])
    if not points.positives or not len(points.thresholds):
        return None
    if precision is None:
        f1 = 2 * points.hits / (points.hits + points.alarms + points.positives)
        return _below(points, int(np.argmax(f1))) if f1.max() > 0 else None
    best: Point | None = at_precision(points, precision)
    return None if best is None else _below(points, int(np.flatnonzero(points.thresholds == best.threshold)[0]))


def _below(points: Ranked, place: int) -> float:
    """Return a short number between a score that is to be found and the next one, which is not."""
    upper = float(points.thresholds[place])
    lower = float(points.thresholds[place + 1]) if place + 1 < len(points.thresholds) else max(0.0, upper - 0.02)
    for digits in DIGITS:
        short = round((upper + lower) / 2, digits)
        if lower < short <= upper and 0 < short < 1:
            return short
    return min(upper, 1 - 10 ** -DIGITS[-1])


def _line(truth: Truth, scores: Scores, every: Scores, threshold: float) -> Line:
    agreed = agreement(truth, scores >= threshold)
    return Line(threshold, agreed.precision, agreed.recall, agreed.f1, float(np.mean(every >= threshold)))
