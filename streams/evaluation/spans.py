"""Spans of personal data: those that rows name, held against those that were found, kind by kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from streams.core.span import Span, merged
from streams.evaluation.entities import ENTITIES
from streams.evaluation.measures import ratio
from streams.evaluation.report import Spans
from streams.evaluation.rows import Row
from streams.evaluation.running import Judged

TRIPLE = 3  # start, end, type


class Count(NamedTuple):
    """Spans of one kind, and how many of them overlap one of the other side."""

    given: int = 0
    given_met: int = 0
    found: int = 0
    found_met: int = 0


def total(counts: Iterable[Count]) -> Count:
    """Return the sum of counts."""
    return Count(*map(sum, zip(*counts, strict=True)))


class Given(NamedTuple):
    """A span that a row names."""

    kind: str
    span: Span


def given(row: Row) -> list[Given] | None:
    """Return the spans of the kinds that are evaluated; None for a row that names no spans with their types."""
    spans = row.labels.orig.get("spans")
    if not isinstance(spans, list) or not all(_is_typed(span) for span in spans):
        return None
    return [Given(ENTITIES[kind], (start, end)) for start, end, kind in spans if kind in ENTITIES]


def _is_typed(span: Any) -> bool:
    return (
        isinstance(span, list)
        and len(span) == TRIPLE
        and all(isinstance(number, int) for number in span[:2])
        and isinstance(span[2], str)
    )


def measured(file: str | None, rows: Sequence[Row], judged: Sequence[Judged]) -> list[Spans]:
    """Return the figures of each kind, and of all together; nothing where no row names a span.

    A row with an empty list of spans counts where others of its file name some: what is found in it is wrong.
    """
    counts: dict[str, list[Count]] = defaultdict(list)
    for row, answer in zip(rows, judged, strict=True):
        named = given(row)
        if named is not None:
            for kind, count in _compared(named, answer):
                counts[kind].append(count)
    totals = {kind: total(counts[kind]) for kind in sorted(counts)}
    if not any(count.given for count in totals.values()):
        return []
    lines = [_figures(file, kind, count) for kind, count in totals.items()]
    return [*lines, _figures(file, None, total(totals.values()))]


def _compared(named: Iterable[Given], answer: Judged) -> Iterator[tuple[str, Count]]:
    """Yield the counts of one row, kind by kind."""
    truth: dict[str, list[Span]] = defaultdict(list)
    for each in named:
        truth[each.kind].append(each.span)
    found: dict[str, list[Span]] = defaultdict(list)
    for kind, start, end in answer.spans:
        if kind is not None:
            found[kind].append((start, end))
    for kind in truth.keys() | found.keys():
        theirs, ours = truth.get(kind, []), merged(found.get(kind, []))
        met = sum(_meets(span, ours) for span in theirs), sum(_meets(span, theirs) for span in ours)
        yield kind, Count(len(theirs), met[0], len(ours), met[1])


def _meets(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _figures(file: str | None, kind: str | None, count: Count) -> Spans:
    precision, recall = ratio(count.found_met, count.found), ratio(count.given_met, count.given)
    f1 = None if recall is None else ratio(2 * (precision or 0.0) * recall, (precision or 0.0) + recall) or 0.0
    return Spans(file, kind, count.given, count.found, precision, recall, f1)
