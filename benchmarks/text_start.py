"""A cold process that loads the default policy and says how long that took; with `--fill`, what memory it needs, too.

`python -m benchmarks.text_start BORN REPEAT [--fill SEED]`: BORN is when the process was started, seconds since 1970.
"""

import importlib
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec
import psutil  # type: ignore[import-untyped]

from benchmarks.text_measure import Start
from streams.adapters.policies import load
from streams.core.engine import Engine, Text

BATCH: Final = 128
RUN: Final = 2048  # texts
MEMORIES: Final = 20_000  # texts and vectors that engines remember, the most of each
MEGABYTE: Final = 1_000_000
WORKER: Final = "streams.app"  # with it comes all code that a worker runs
FIRST: Final = "are you free on friday? call me on 020 7946 0018, i'll bring the tickets"


def _resident() -> float:
    return float(psutil.Process().memory_info().rss / MEGABYTE)


def _judge(engines: Sequence[Engine], texts: Sequence[str]) -> None:
    for start in range(0, len(texts), BATCH):
        batch = [Text(text) for text in texts[start : start + BATCH]]
        for engine in engines:
            engine.inspect(batch)


def _filled(engines: Sequence[Engine], texts: Iterator[str]) -> tuple[float, float]:
    """Return resident memory after a run, and when all that is remembered of texts is there."""
    importlib.import_module(WORKER)
    _judge(engines, list(islice(texts, RUN)))
    run = _resident()
    _judge(engines, list(islice(texts, MEMORIES)))
    from streams.models.encoder import shared_encoder  # noqa: PLC0415 - loaded by the engines, or not at all

    encode = shared_encoder()
    for start in range(0, MEMORIES, BATCH):
        encode([f"text {number}" for number in range(start, start + BATCH)])
    return run, _resident()


def main(arguments: Sequence[str]) -> None:
    """Load, measure, print."""
    loaded = load(None)
    seconds, cpu = time.time() - float(arguments[0]), time.process_time()
    engines = [engine for engine in loaded.engines if engine.accepts == "text"]
    begun = time.perf_counter()
    _judge(engines, [FIRST])
    first = (time.perf_counter() - begun) * 1000
    start = Start(
        repeat=int(arguments[1]),
        engines=tuple(engine.name for engine in loaded.engines),
        seconds=round(seconds, 3),
        cpu_seconds=round(cpu, 3),
        first_ms=round(first, 1),
        loaded_mb=round(_resident(), 1),
    )
    if "--fill" in arguments:
        from benchmarks.text_input import drawn  # noqa: PLC0415 - no part of a cold start

        run, full = _filled(engines, drawn(int(arguments[-1])))
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE
        start = msgspec.structs.replace(start, run_mb=round(run, 1), full_mb=round(full, 1), peak_mb=round(peak, 1))
    sys.stdout.write(msgspec.json.encode(start).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
