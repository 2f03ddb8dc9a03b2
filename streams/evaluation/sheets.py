"""The report in, its tables and notes as plain text out: what the terminal and the page show alike."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from streams.evaluation.report import Difference, Measured, Report, Side

ALL: Final = "all files"
DASH: Final = "–"  # noqa: RUF001 - where a figure is not defined


class Sheet(NamedTuple):
    """A table; the first `words` columns hold words, the others figures."""

    title: str
    words: int
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


class OfFile(Protocol):
    """A line of the report that belongs to a file, or to all."""

    @property
    def file(self) -> str | None:
        """Return the file's name, None for all files."""


Line = TypeVar("Line", bound=OfFile)


def number(value: float | None) -> str:
    """Return a figure of 0..1 as `.876` or `1.000`, a dash where it is not defined."""
    if value is None:
        return DASH
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def signed(value: float | None) -> str:
    """Return a difference as `+.012` or `-.300`, a dash where it is not defined."""
    return DASH if value is None else ("-" if value < 0 else "+") + number(abs(value))


def percent(value: float | None) -> str:
    """Return a share in per cent, a dash where it is not defined."""
    return DASH if value is None else f"{value:.2%}"


def milliseconds(value: float | None) -> str:
    """Return milliseconds, a dash where nothing was timed."""
    if value is None:
        return DASH
    return f"{value:.4f}" if value < 1 else f"{value:.2f}"


def distinct(lines: Sequence[Line], *keys: str) -> list[Line]:
    """Return lines without those over all files that only repeat the one file which has such a line.

    `keys` name the fields that tell the lines of one file apart.
    """
    what = [tuple(getattr(line, key) for key in keys) for line in lines]
    files = Counter(key for line, key in zip(lines, what, strict=True) if line.file is not None)
    return [line for line, key in zip(lines, what, strict=True) if line.file is not None or files[key] > 1]


def headline(report: Report) -> str:
    """Return what was judged by what."""
    rows, refused = sum(file.rows for file in report.files), sum(file.refused for file in report.files)
    files = f"{len(report.files):,} {'file' if len(report.files) == 1 else 'files'}"
    text = f"{named(report.policy)}: {rows:,} {'row' if rows == 1 else 'rows'} of {files}"
    if report.against is not None:
        text += f", held against {named(report.against)}"
    if refused:
        text += f"; {refused:,} left out: the stream refuses them (over 20,000 characters, or no Unicode)"
    return text


def named(side: Side) -> str:
    """Return a policy's id and version."""
    return f"{side.policy.id} {side.policy.version}"


def notes(side: Side) -> Iterator[str]:
    """Yield what must be known to read the figures of a policy."""
    for engine in side.engines:
        total = sum(engine.statuses.values())
        if engine.trained_on is not None:
            yield (
                f"{engine.engine}: cross-validated: {engine.trained_on:,} of {total:,} rows were trained on "
                "and are scored by models that did not see their group"
            )
        other = ", ".join(f"{count:,} {status}" for status, count in sorted(engine.statuses.items()) if status != "ok")
        if other:
            yield f"{engine.engine}: of {total:,} rows {other}"
    if side.not_run:
        yield f"not run, they have a role of their own: {', '.join(side.not_run)}"


def sheets(side: Side) -> Iterator[Sheet]:
    """Yield the tables of a policy; those without a line are left out."""
    every = (labels, harmless, severities, spans, functional, speed)
    yield from (sheet for make in every if (sheet := make(side)).rows)


def labels(side: Side) -> Sheet:
    """Return one line for each file and label."""
    heads = "file", "label", "rows", "pos", "AP", "P", "R", "F1", "AUC", "R@P≥.8", "macro F1", "acted P", "acted R"
    return Sheet(
        "labels: P R F1 at the shipped thresholds, acted: with the action flag or more",
        2,
        heads,
        [(line.file or ALL, line.label, *_figures(line)) for line in distinct(side.measured, "label")],
    )


def _figures(line: Measured) -> Iterator[str]:
    yield f"{line.rows:,}"
    yield f"{line.positives:,}"
    found, acted = line.found, line.acted
    yield from map(number, (line.ap, found.precision, found.recall, found.f1, line.auc))
    yield number(line.at_precision.recall if line.at_precision else None)
    yield from map(number, (found.macro_f1, acted.precision, acted.recall))


def harmless(side: Side) -> Sheet:
    """Return on how many harmless rows of each file the policy acts."""
    return Sheet(
        "harmless rows: false positives",
        1,
        ("file", "rows", "flag or more", "share"),
        [
            (line.file or ALL, f"{line.rows:,}", f"{line.acted:,}", percent(line.share))
            for line in distinct(side.benign)
        ],
    )


def severities(side: Side) -> Sheet:
    """Return a confusion table for each file; the figures of the file stand in its first line."""
    lines = distinct(side.severities)
    answers = tuple(next(iter(lines[0].confusion.values()))) if lines else ()
    rows = []
    for line in lines:
        figures = [f"{line.rows:,}", number(line.exact), number(line.exact_of_found), number(line.macro_f1)]
        for given, counts in line.confusion.items():
            rows.append((line.file or ALL, given, *(f"{count:,}" for count in counts.values()), *figures))
            figures = [""] * len(figures)
    heads = ("file", "of the row", *answers, "rows", "exact", "of found", "macro F1")
    return Sheet("severity: of the row in lines, found in columns", 2, heads, rows)


def spans(side: Side) -> Sheet:
    """Return the spans of personal data, kind by kind."""
    return Sheet(
        "personal data: spans",
        2,
        ("file", "kind", "given", "found", "P", "R", "F1"),
        [
            (
                line.file or ALL,
                line.kind or "all kinds",
                *(f"{count:,}" for count in (line.given, line.found)),
                *map(number, (line.precision, line.recall, line.f1)),
            )
            for line in distinct(side.spans, "kind")
        ],
    )


def functional(side: Side) -> Sheet:
    """Return one line for each functional test."""
    return Sheet(
        "functional tests",
        4,
        ("file", "test", "label", "has it", "rows", "right", "false positives", "on named groups"),
        [
            (
                *(line.file, line.test, line.label, "yes" if line.positive else "no", f"{line.rows:,}"),
                number(line.right),
                "" if line.positive else f"{round(line.rows * (1 - line.right)):,}",
                f"{line.naming_found:,} of {line.naming:,}" if line.naming else "",
            )
            for line in side.functional
        ],
    )


def speed(side: Side) -> Sheet:
    """Return how long each engine took."""
    return Sheet(
        "speed",
        1,
        ("engine", "texts", "ms a text", "p50", "p99", "texts/s"),
        [
            (
                *(line.engine, f"{line.texts:,}"),
                *map(milliseconds, (line.ms_mean, line.ms_p50, line.ms_p99)),
                DASH if line.per_second is None else f"{line.per_second:,.0f}",
            )
            for line in side.speeds
        ],
    )


def differences(difference: Difference) -> Iterator[Sheet]:
    """Yield what changes from one policy to another; not the rows themselves."""
    yield Sheet(
        "difference: labels",
        2,
        ("file", "label", "AUC", "AP", "F1", "acted F1"),
        [
            (line.file or ALL, line.label, *map(signed, (line.auc, line.ap, line.f1, line.acted_f1)))
            for line in distinct(difference.measured, "label")
        ],
    )
    yield Sheet(
        "difference: harmless rows",
        1,
        ("file", "flag or more", "share"),
        [(line.file or ALL, f"{line.acted:+,}", signed(line.share)) for line in distinct(difference.benign)],
    )
    yield Sheet(
        f"difference: {len(difference.changed):,} rows get another action",
        1,
        ("from -> to", "rows"),
        [(change, f"{count:,}") for change, count in difference.transitions.items()],
    )


def changed(difference: Difference, most: int) -> Sheet:
    """Return the rows that get another action, at most `most`: ids only."""
    rows: Iterable[tuple[str, ...]] = (
        (row.file, row.id, row.before, row.after, ", ".join(row.labels_before), ", ".join(row.labels_after))
        for row in difference.changed[:most]
    )
    heads = ("file", "id", "from", "to", "labels from", "labels to")
    left = len(difference.changed) - most
    more = f"; {left:,} more: see --json" if left > 0 else ""
    return Sheet(f"rows that get another action{more}", len(heads), heads, list(rows))
