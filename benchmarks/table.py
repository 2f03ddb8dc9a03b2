"""Measurements in, a Markdown table out: medians over the repeats, ratios to the floors."""

from collections.abc import Iterable, Sequence

from benchmarks.measure import Latency, Measurement, Throughput, median
from benchmarks.runners import NAMES, TITLES

SCREEN = "screen"


def markdown(measurements: Sequence[Measurement]) -> str:
    """Return the tables of all measurements; a table without rows is left out."""
    parts = [_throughput(measurements), _ratios(measurements), _latency(measurements)]
    return "\n\n".join(part for part in parts if part)


def rows(header: Sequence[str], found: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, its first column of words, the others of numbers; nothing where there is no row."""
    body = [f"| {' | '.join(row)} |" for row in found]
    rule = f"| {' | '.join(['---', *['---:'] * (len(header) - 1)])} |"
    return "\n".join([f"| {' | '.join(header)} |", rule, *body]) if body else ""


def _throughputs(measurements: Iterable[Measurement]) -> dict[str, list[Throughput]]:
    found: dict[str, list[Throughput]] = {}
    for one in measurements:
        if isinstance(one, Throughput):
            found.setdefault(one.runner, []).append(one)
    return {name: found[name] for name in NAMES if name in found}


def _throughput(measurements: Sequence[Measurement]) -> str:
    body = []
    for name, runs in _throughputs(measurements).items():
        slowest, fastest = min(run.per_second for run in runs), max(run.per_second for run in runs)
        body.append(
            (
                TITLES[name],
                f"{median(run.per_second for run in runs):,.0f}",
                f"{slowest:,.0f} to {fastest:,.0f}",
                f"{median(run.middle_per_second for run in runs):,.0f}",
                f"{median(run.per_cpu_second for run in runs):,.0f}",
                f"{median(run.cpu_us for run in runs):.1f}",
                f"{median(run.peak_rss_mb for run in runs):.0f}",
                f"{median(run.record_bytes for run in runs):.0f}",
            )
        )
    header = (
        "",
        "messages/s",
        "over the repeats",
        "middle 80 %",
        "messages/CPU-s",
        "CPU µs/message",
        "peak RSS MB",
        "bytes written",
    )
    return rows(header, body)


def _ratios(measurements: Sequence[Measurement]) -> str:
    runs = _throughputs(measurements)
    ours = {run.repeat: run for run in runs.pop(SCREEN, [])}
    body = []
    for name, floors in runs.items():
        pairs = [(ours[run.repeat], run) for run in floors if run.repeat in ours]
        if pairs:
            wall = median(mine.per_second / other.per_second for mine, other in pairs)
            cpu = median(mine.per_cpu_second / other.per_cpu_second for mine, other in pairs)
            body.append((f"screen worker ÷ {TITLES[name]}", f"{wall:.2f}", f"{cpu:.2f}"))
    return rows(("ratio within one repeat", "by the clock", "by CPU time"), body)


def _latency(measurements: Sequence[Measurement]) -> str:
    paces: dict[str, list[Latency]] = {}
    for one in measurements:
        if isinstance(one, Latency):
            paces.setdefault(one.pace, []).append(one)
    body = []
    for pace, runs in paces.items():
        asked = median(run.asked_per_second for run in runs)
        sent = median(run.sent_per_second for run in runs)
        body.append(
            (
                f"{pace}: {asked:,.0f}/s asked, {sent:,.0f}/s sent",
                *(
                    f"{median(run.appended[percent] for run in runs):.0f}"
                    f" / {median(run.visible[percent] for run in runs):.0f}"
                    for percent in ("p50", "p95", "p99", "max")
                ),
                f"{median(run.cpu_us for run in runs):.1f}",
                f"{median(run.peak_rss_mb for run in runs):.0f}",
            )
        )
    header = ("latency, ms: appended / visible", "p50", "p95", "p99", "max", "CPU µs/message", "peak RSS MB")
    return rows(header, body)
