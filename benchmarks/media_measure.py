"""What the media benchmark measures, and the Markdown tables of it: medians over the repeats, ratios within one."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from benchmarks.measure import median
from benchmarks.table import rows

MODEL: Final = "model"  # the path that is held against the bare loop
EVERYTHING: Final = "all"  # the path with all engines that need no network
PATHS: Final = (MODEL, EVERYTHING)


class Bare(msgspec.Struct, frozen=True, tag="media_bare", tag_field="measured"):
    """Decoding and inference over pictures in memory, in one thread on one core, without anything around them."""

    path: str
    repeat: int
    engines: tuple[str, ...]
    pictures: int
    seconds: float
    per_second: float  # pictures
    decode_ms: float  # of one picture, the median; milliseconds by the clock here and below
    inputs_ms: float  # what the networks see of it: scaled, turned into numbers
    runs_ms: float  # of the networks and the other engines
    cpu_ms: float  # CPU time a picture, all of it
    others_share: float  # of the core's time that other processes had, 0..1
    peak_rss_mb: float  # 10^6 bytes
    machine: dict[str, Any] = {}


class Stream(msgspec.Struct, frozen=True, tag="media_stream", tag_field="measured"):
    """The same pictures end to end: from the first to the last decision, start-up not counted."""

    path: str
    repeat: int
    engines: tuple[str, ...]
    pictures: int
    seconds: float
    per_second: float
    engines_ms: dict[str, float]  # by engine, as its reports say: the median
    cpu_ms: float  # CPU time of the media worker a picture
    busy_share: float  # of its core's time that the media worker had, 0..1
    others_share: float  # of that core's time that other processes had, 0..1
    peak_rss_mb: float  # of the media worker, 10^6 bytes, from the start of the process on
    start_seconds: float  # from the start of the media worker to the first decision
    acted_share: float  # decisions whose action is not `allow`, 0..1
    machine: dict[str, Any] = {}


class Wait(msgspec.Struct, frozen=True, tag="media_wait", tag_field="measured"):
    """Milliseconds from the append of a record to that of its decision, by percentile (p50, p95, p99, max)."""

    what: str  # `picture`; `text`, and beside what
    repeat: int
    records: int
    per_second: float
    waited: dict[str, float]
    engines_ms: float = 0.0  # of pictures: what the engines took, by their reports; the median
    waiting: tuple[int, int] = (0, 0)  # pictures without a decision when the texts began and when they ended
    machine: dict[str, Any] = {}


Line = Bare | Stream | Wait


def markdown(lines: Sequence[Line]) -> str:
    """Return the tables of all measurements; a table without rows is left out."""
    bare = [line for line in lines if isinstance(line, Bare)]
    streams = [line for line in lines if isinstance(line, Stream)]
    waits = [line for line in lines if isinstance(line, Wait)]
    parts = [_bare(bare), _streams(streams), _ratios(bare, streams), _waits(waits)]
    return "\n\n".join(part for part in parts if part)


def ratios(bare: Sequence[Bare], streams: Sequence[Stream], path: str) -> list[tuple[float, float]]:
    """Return for each repeat of a path how fast the stream was beside the bare loop: by the clock and by CPU time.

    A bare loop that ran before and after the stream counts as the mean of both.
    """
    found = []
    for stream in (stream for stream in streams if stream.path == path):
        beside = [one for one in bare if (one.path, one.repeat) == (path, stream.repeat)]
        if beside:
            per_second = sum(one.per_second for one in beside) / len(beside)
            cpu = sum(one.cpu_ms for one in beside) / len(beside)
            found.append((stream.per_second / per_second, cpu / stream.cpu_ms))
    return found


def _bare(bare: Sequence[Bare]) -> str:
    body = []
    for path in PATHS:
        runs = [run for run in bare if run.path == path]
        if runs:
            body.append(
                (
                    _title(path, runs[0].engines),
                    f"{median(run.per_second for run in runs):.2f}",
                    _range([run.per_second for run in runs]),
                    f"{median(run.decode_ms for run in runs):.1f}",
                    f"{median(run.inputs_ms for run in runs):.1f}",
                    f"{median(run.runs_ms for run in runs):.1f}",
                    f"{median(run.cpu_ms for run in runs):.1f}",
                    _share(run.others_share for run in runs),
                    f"{median(run.peak_rss_mb for run in runs):.0f}",
                )
            )
    header = (
        "bare loop",
        "pictures/s",
        "over the runs",
        "decoding, ms",
        "inputs, ms",
        "runs, ms",
        "CPU ms/picture",
        "core: others",
        "peak RSS MB",
    )
    return rows(header, body)


def _streams(streams: Sequence[Stream]) -> str:
    body = []
    for path in PATHS:
        runs = [run for run in streams if run.path == path]
        if runs:
            engines = ", ".join(
                f"{name} {median(run.engines_ms.get(name, 0.0) for run in runs):.1f}" for name in runs[0].engines
            )
            body.append(
                (
                    f"{EVERYTHING}: {engines} ms" if path == EVERYTHING else f"{engines} ms",
                    f"{median(run.per_second for run in runs):.2f}",
                    _range([run.per_second for run in runs]),
                    f"{median(run.cpu_ms for run in runs):.1f}",
                    _share(run.busy_share for run in runs),
                    _share(run.others_share for run in runs),
                    f"{median(run.peak_rss_mb for run in runs):.0f}",
                    f"{median(run.start_seconds for run in runs):.1f}",
                    _share(run.acted_share for run in runs),
                )
            )
    header = (
        "end to end",
        "pictures/s",
        "over the repeats",
        "CPU ms/picture",
        "core: worker",
        "core: others",
        "peak RSS MB",
        "first decision, s",
        "acted on",
    )
    return rows(header, body)


def _ratios(bare: Sequence[Bare], streams: Sequence[Stream]) -> str:
    body = []
    for path in PATHS:
        pairs = ratios(bare, streams, path)
        if pairs:
            clock, cpu = zip(*pairs, strict=True)
            title = _title(path, next(stream.engines for stream in streams if stream.path == path))
            body.append(
                (f"{title}: end to end ÷ bare loop", f"{median(clock):.3f}", _range(clock), f"{median(cpu):.3f}")
            )
    return rows(("ratio within one repeat", "by the clock", "over the repeats", "by CPU time"), body)


def _waits(waits: Sequence[Wait]) -> str:
    body = []
    for what in dict.fromkeys(wait.what for wait in waits):
        runs = [run for run in waits if run.what == what]
        p50 = [run.waited["p50"] for run in runs]
        body.append(
            (
                f"{what}, {median(run.per_second for run in runs):,.0f}/s",
                *(f"{median(run.waited[name] for run in runs):.0f}" for name in ("p50", "p95", "p99", "max")),
                _range(p50),
                f"{median(run.engines_ms for run in runs):.1f}" if any(run.engines_ms for run in runs) else "",
                " ".join(f"{first} to {last}" for first, last in (run.waiting for run in runs) if first),
            )
        )
    header = (
        "record to decision, ms",
        "p50",
        "p95",
        "p99",
        "max",
        "p50 over the repeats",
        "engines, ms",
        "pictures waiting",
    )
    return rows(header, body)


def _title(path: str, engines: Sequence[str]) -> str:
    names = ", ".join(engines)
    return f"{EVERYTHING}: {names}" if path == EVERYTHING else names


def _share(shares: Iterable[float]) -> str:
    return f"{100 * median(shares):.0f} %"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"
