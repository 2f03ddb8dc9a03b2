"""What is measured and how: CPU and memory of a process over time, rates from time stamps, percentiles."""

import bisect
import itertools
import math
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, Self

import msgspec
import psutil  # type: ignore[import-untyped]

TICK: Final = 0.02  # seconds between two looks at a process; the system counts CPU in steps of 0.01 s
PERCENTS: Final = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}
MIDDLE: Final = (0.1, 0.9)  # shares of the outputs between which CPU is measured: as much in work at both ends
MEGABYTE: Final = 1_000_000


Point = tuple[float, int]  # seconds since 1970, outputs so far


class Throughput(msgspec.Struct, frozen=True, tag="throughput", tag_field="measured"):
    """One run over all records: from the first to the last output, start-up not counted."""

    runner: str
    repeat: int
    messages: int
    seconds: float  # from the first to the last output
    per_second: float  # messages a second of wall time
    middle_per_second: float  # the same for the middle 80 % of the outputs
    per_cpu_second: float  # messages a second of CPU time of the process, user and system; middle 80 %
    cpu_us: float  # microseconds of CPU a message; middle 80 %
    peak_rss_mb: float  # 10^6 bytes, from the start of the process on
    start_seconds: float  # from the start of the process to the first output
    record_bytes: float  # mean size of an output's value; 0 where nothing is written
    acted_share: float | None = None  # outputs whose action is not `allow`, 0..1
    machine: dict[str, Any] = {}


class Latency(msgspec.Struct, frozen=True, tag="latency", tag_field="measured"):
    """One run at a set pace: milliseconds from the producer's send call, by percentile (p50, p95, p99, max)."""

    runner: str
    repeat: int
    pace: str  # why this pace
    asked_per_second: float
    sent_per_second: float
    messages: int
    appended: dict[str, float]  # to the decision in the broker's log
    visible: dict[str, float]  # to the decision at a read_committed consumer
    cpu_us: float  # microseconds of CPU a message
    peak_rss_mb: float  # 10^6 bytes, from the start of the process on
    machine: dict[str, Any] = {}


Measurement = Throughput | Latency


class Sampler:
    """Notes CPU time and memory of a process while it runs.

    `cpu_at(moment)` returns seconds of user and system time up to a moment (seconds since 1970), between two looks
    by interpolation; `peak` is the largest resident set so far, in bytes. A process that has ended keeps its last
    values. `core_at` is the same as `cpu_at` for all that runs on one core, where one is named.
    """

    def __init__(self, pid: int, core: int | None = None) -> None:
        self._process = psutil.Process(pid)
        self._number = core
        self._times: list[float] = []
        self._cpu: list[float] = []
        self._core: list[float] = []
        self.peak = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(TICK):
            try:
                with self._process.oneshot():
                    used, resident = self._process.cpu_times(), self._process.memory_info().rss
            except psutil.Error:
                return
            self._times.append(time.time())
            self._cpu.append(used.user + used.system)
            self._core.append(core_seconds(self._number) if self._number is not None else 0.0)
            self.peak = max(self.peak, resident)

    def cpu_at(self, moment: float) -> float:
        """Return seconds of CPU used up to a moment in seconds since 1970; 0 before the first look."""
        return interpolated(self._times, self._cpu, moment)

    def core_at(self, moment: float) -> float:
        """Return seconds for which the core was busy up to a moment in seconds since 1970; 0 without a core."""
        return interpolated(self._times, self._core, moment)


def core_seconds(number: int) -> float:
    """Return the seconds for which a core was busy with user and system time since the machine started."""
    times = psutil.cpu_times(percpu=True)[number]
    return float(times.user + times.nice + times.system)


def interpolated(times: Sequence[float], values: Sequence[float], moment: float) -> float:
    """Return the value at a moment between samples (times rising); the nearest one outside of them, 0 without any."""
    right = bisect.bisect_left(times, moment)
    if right == 0 or right == len(times):
        return values[min(right, len(values) - 1)] if values else 0.0
    share = (moment - times[right - 1]) / (times[right] - times[right - 1])
    return values[right - 1] + share * (values[right] - values[right - 1])


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of the sorted values do not exceed (nearest rank, so always one of them)."""
    if not ordered:
        raise ValueError("no values to take a percentile of")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def percentiles(values: Iterable[float]) -> dict[str, float]:
    """Return p50, p95, p99 and max of some values, to a hundredth."""
    ordered = sorted(values)
    return {name: round(percentile(ordered, percent), 2) for name, percent in PERCENTS.items()}


class Stretch(NamedTuple):
    """A part of a run."""

    begin: float  # seconds since 1970
    end: float
    outputs: int  # after `begin`, up to `end`

    @property
    def seconds(self) -> float:
        """Return how long it lasted."""
        return self.end - self.begin


def progress(stamps: Iterable[float]) -> list[Point]:
    """Return how many outputs there were by each moment at which one came, moments rising."""
    counts = Counter(stamps)
    return list(zip(sorted(counts), itertools.accumulate(counts[moment] for moment in sorted(counts)), strict=True))


def stretch(points: Sequence[Point], first: float = 0.0, last: float = 1.0) -> Stretch:
    """Return the part of a run between two shares of its outputs, 0..1, by default the whole.

    What came at its first moment was worked on before the clock began and does not count.
    """
    total = points[-1][1] if points else 0
    begin, before = next(((moment, count) for moment, count in points if count >= first * total), (0.0, 0))
    end, after = next(((moment, count) for moment, count in points if count >= last * total), (0.0, 0))
    if end <= begin:
        raise ValueError("a rate needs outputs at two moments at least")
    return Stretch(begin, end, after - before)


def median(values: Iterable[float]) -> float:
    """Return the median: the machine's other load makes outliers."""
    return statistics.median(values)
