"""One run of one runner: started over a full source, or fed at a pace, and measured."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec

from benchmarks.measure import MEGABYTE, MIDDLE, Latency, Point, Sampler, Throughput, percentiles, progress, stretch
from benchmarks.records import Record
from benchmarks.runners import PRINTED, Runner, Running
from benchmarks.traffic import Traffic

LOOK: Final = 0.1  # seconds between two looks at how far a runner is
QUIET: Final = 0.5  # seconds without new output after which it is read back
LIMIT: Final = 300.0  # seconds that a runner has for all records
WARM: Final = 10.0  # seconds at a pace that are sent first and not counted
LATE: Final = 15.0  # seconds that the last decisions have


class Missing(RuntimeError):
    """An output is missing or came twice."""


class _Action(msgspec.Struct):
    action: str


def throughput(
    runner: Runner, process: Running, sampler: Sampler, traffic: Traffic, messages: int, repeat: int
) -> Throughput:
    """Wait until a started runner has worked through its source, and return the measurement.

    Raise Ended when it ends by itself, TimeoutError when it is not ready in time, Missing when an output is
    missing or comes twice.
    """
    acted, size = None, 0.0
    if runner.target:
        _await_quiet(process, traffic, runner.target, messages)
        outputs = traffic.read(runner.target)
        if not len(outputs) == len({key for _, key, _ in outputs}) == messages:
            raise Missing(f"{runner.name} wrote {len(outputs)} outputs for {messages} messages")
        points = progress(stamp / 1000 for stamp, _, _ in outputs)
        size = sum(len(value) for *_, value in outputs) / messages
        if runner.name == "screen":
            decode = msgspec.json.Decoder(_Action).decode
            acted = sum(decode(value).action != "allow" for *_, value in outputs) / messages
    else:
        points = _await_print(process)
    whole, middle = stretch(points), stretch(points, *MIDDLE)
    cpu = sampler.cpu_at(middle.end) - sampler.cpu_at(middle.begin)
    return Throughput(
        runner=runner.name,
        repeat=repeat,
        messages=messages,
        seconds=round(whole.seconds, 3),
        per_second=round(whole.outputs / whole.seconds, 1),
        middle_per_second=round(middle.outputs / middle.seconds, 1),
        per_cpu_second=round(middle.outputs / cpu, 1),
        cpu_us=round(cpu / middle.outputs * 1e6, 2),
        peak_rss_mb=round(sampler.peak / MEGABYTE, 1),
        start_seconds=round(whole.begin - process.started, 3),
        record_bytes=round(size, 1),
        acted_share=acted,
    )


def _await_quiet(process: Running, traffic: Traffic, target: str, messages: int) -> None:
    """Wait until a topic holds as many records as there are messages and gets no more."""
    deadline, last, changed = time.monotonic() + LIMIT, -1, time.monotonic()
    while True:
        process.check()
        now, end = time.monotonic(), traffic.end(target)
        if end != last:
            last, changed = end, now
        if end >= messages and now - changed >= QUIET:
            return
        if now > deadline:
            raise TimeoutError(f"{end} of {messages} outputs in {target} after {LIMIT:.0f} s")
        time.sleep(LOOK)


def _await_print(process: Running) -> list[Point]:
    """Wait until a floor that only consumes prints how far it was when."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        process.check()
        for line in process.output.read_bytes().splitlines():
            if line.startswith(PRINTED.encode()):
                return msgspec.json.decode(line.removeprefix(PRINTED.encode()), type=list[Point])
        time.sleep(LOOK)
    raise TimeoutError(f"nothing counted after {LIMIT:.0f} s")


def latency(
    runner: Runner,
    process: Running,
    sampler: Sampler,
    traffic: Traffic,
    records: Sequence[Record],
    *,
    pace: str,
    per_second: float,
    repeat: int,
) -> Latency:
    """Feed a running worker at a pace and return how long its decisions took; the first WARM seconds do not count."""
    warm = int(WARM * per_second)
    with traffic.observer(runner.target) as observer:
        sent = traffic.pace(runner.source, records, per_second)
        deadline = time.monotonic() + LATE
        while len(observer.seen) < len(sent):
            process.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(observer.seen)} of {len(sent)} decisions {LATE:.0f} s after the last message")
            time.sleep(LOOK)
        seen = observer.seen
    counted = list(sent.items())[warm:]
    begun, ended = counted[0][1], counted[-1][1]
    cpu = sampler.cpu_at(ended) - sampler.cpu_at(begun)
    return Latency(
        runner=runner.name,
        repeat=repeat,
        pace=pace,
        asked_per_second=round(per_second, 1),
        sent_per_second=round((len(counted) - 1) / (ended - begun), 1),
        messages=len(counted),
        appended=percentiles(seen[key][1] - moment * 1000 for key, moment in counted),
        visible=percentiles((seen[key][0] - moment) * 1000 for key, moment in counted),
        cpu_us=round(cpu / len(counted) * 1e6, 2),
        peak_rss_mb=round(sampler.peak / MEGABYTE, 1),
    )
