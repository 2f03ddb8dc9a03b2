"""Figures in, charts as SVG elements out: precision over recall, reliability, scores. Numbers only, no text of rows."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from streams.evaluation.report import Calibration, Measured

# Pixels: the drawing area is a square at the upper right, axes' numbers stand below and to the left of it.
SIDE: Final = 180
LEFT: Final = 30
TOP: Final = 8
WIDTH: Final = LEFT + SIDE + 8
HEIGHT: Final = TOP + SIDE + 34
TICKS: Final = (0.0, 0.5, 1.0)


class Series(NamedTuple):
    """One policy's line in a chart; `mark` is its CSS class."""

    mark: str
    measured: Measured


def precision_recall(series: Sequence[Series]) -> str:
    """Return precision over recall, with a ring at what the shipped thresholds give."""
    parts = []
    for mark, line in series:
        points = [(recall, precision) for _, precision, recall in line.curve]
        parts.append(_line([(0.0, points[0][1]), *points] if points else [], mark))
        if line.found.precision is not None and line.found.recall is not None:
            x, y = place(line.found.recall, line.found.precision)
            parts.append(f'<circle class="{mark}" cx="{x}" cy="{y}" r="4"/>')
    return chart("precision over recall", "recall", "precision", parts)


def reliability(series: Sequence[Series]) -> str:
    """Return the share of positives over the mean score of each bin; the diagonal is a score that is a probability."""
    diagonal = _line([(0.0, 0.0), (1.0, 1.0)], "guide")
    parts = [diagonal]
    for mark, line in series:
        points = shares(line.calibration)
        parts.append(_line(points, mark))
        parts += [f'<circle class="{mark} dot" cx="{x}" cy="{y}" r="2.5"/>' for x, y in (place(*p) for p in points)]
    return chart("reliability", "score", "share of positives", parts)


def shares(bins: Calibration) -> list[tuple[float, float]]:
    """Return mean score and share of positives of each bin that holds a row."""
    return [
        (mean, positives / (positives + negatives))
        for positives, negatives, mean in zip(bins.positives, bins.negatives, bins.mean, strict=True)
        if mean is not None
    ]


def histogram(measured: Measured, across: str) -> str:
    """Return how scores spread: of positive rows upwards from the middle, of the others downwards, each to its most."""
    bins = measured.calibration
    step = SIDE / len(bins.positives)
    parts = [f'<line class="grid" x1="{LEFT}" y1="{TOP + SIDE / 2}" x2="{LEFT + SIDE}" y2="{TOP + SIDE / 2}"/>']
    for counts, mark, up in ((bins.positives, "positive", True), (bins.negatives, "negative", False)):
        most = max(counts, default=0) or 1
        for number, count in enumerate(counts):
            high = count / most * SIDE / 2
            y = TOP + SIDE / 2 - (high if up else 0)
            x = LEFT + number * step + 1
            parts.append(f'<rect class="{mark}" x="{x:.1f}" y="{y:.1f}" width="{step - 2:.1f}" height="{high:.1f}"/>')
    return chart("scores: rows with the label upwards, without it downwards", across, "", parts, numbered=False)


def place(x: float, y: float) -> tuple[float, float]:
    """Return where a point of the unit square lies in the drawing."""
    return round(LEFT + x * SIDE, 1), round(TOP + (1 - y) * SIDE, 1)


def _line(points: Iterable[tuple[float, float]], mark: str) -> str:
    joined = " ".join(f"{x},{y}" for x, y in (place(*point) for point in points))
    return f'<polyline class="{mark}" points="{joined}"/>' if joined else ""


def chart(title: str, across: str, upward: str, parts: Sequence[str], *, numbered: bool = True) -> str:
    """Return a chart over the unit square with its axes."""
    axes = [f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>']
    for tick in TICKS:
        x, y = place(tick, tick)
        axes.append(f'<text x="{x}" y="{TOP + SIDE + 13}" text-anchor="middle">{tick:g}</text>')
        if numbered:
            axes.append(f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{LEFT + SIDE}" y2="{y}"/>')
            axes.append(f'<text x="{LEFT - 4}" y="{y + 4}" text-anchor="end">{tick:g}</text>')
    middle = TOP + SIDE / 2
    axes.append(f'<text x="{LEFT + SIDE / 2}" y="{HEIGHT - 5}" text-anchor="middle">{escape(across)}</text>')
    if upward:
        turned = f'transform="rotate(-90 10 {middle})"'
        axes.append(f'<text x="10" y="{middle}" text-anchor="middle" {turned}>{escape(upward)}</text>')
    drawing = "".join((*axes, *parts))
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<title>{escape(title)}</title>{drawing}</svg>"
    )
