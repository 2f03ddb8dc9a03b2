"""Functional tests, as HateCheck has them: each tries one thing, and the figures say which things go wrong."""

from collections import defaultdict
from collections.abc import Sequence

from streams.core.label import NAME
from streams.evaluation.report import Functional
from streams.evaluation.rows import Row
from streams.evaluation.running import Judged

LONGEST = 64  # characters of a test's name


def measured(file: str, rows: Sequence[Row], judged: Sequence[Judged]) -> list[Functional]:
    """Return one line for each test and label of a file, positive tests first; nothing where rows name no test."""
    tests: dict[tuple[bool, str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for row, answer in zip(rows, judged, strict=True):
        test = row.labels.orig.get("functionality")
        if not isinstance(test, str) or len(test) > LONGEST or not NAME.fullmatch(test):
            continue
        named = bool(row.labels.orig.get("target"))
        for positive, labels in ((True, row.labels.positive), (False, row.labels.negative)):
            for label in labels:
                tests[not positive, test, label].append((label in answer.found, named))
    return [_line(file, test, label, not harmless, found) for (harmless, test, label), found in sorted(tests.items())]


def _line(file: str, test: str, label: str, positive: bool, found: Sequence[tuple[bool, bool]]) -> Functional:  # noqa: FBT001
    return Functional(
        file=file,
        test=test,
        label=label,
        positive=positive,
        rows=len(found),
        right=sum(yes is positive for yes, _ in found) / len(found),
        naming=sum(named for _, named in found) if not positive else 0,
        naming_found=sum(yes and named for yes, named in found) if not positive else 0,
    )
