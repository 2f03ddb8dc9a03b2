"""The bare loop of the media benchmark: pictures out of memory, decoded and shown to the engines one after the other.

`python -m benchmarks.media_bare PATH REPEAT POLICY FOLDER COUNT ENGINE …`, as `media.py` starts it: on one core, in
one thread; a COUNT beyond the files of the folder goes through them again.
"""

import resource
import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import machine
from benchmarks.measure import MEGABYTE, core_seconds, median
from benchmarks.media_measure import Bare
from benchmarks.media_stack import Loop

WARM: Final = 4  # pictures that do not count


def measured(path: str, repeat: int, loop: Loop, engines: Sequence[str], pictures: Sequence[bytes]) -> Bare:
    """Return what the loop takes over these pictures."""
    for data in pictures[:WARM]:
        loop(data)
    core = machine.cores()[0]
    clock, cpu, busy = time.perf_counter(), time.process_time(), core_seconds(core)
    parts = [loop(data) for data in pictures]
    seconds, used = time.perf_counter() - clock, time.process_time() - cpu
    others = (core_seconds(core) - busy - used) / seconds
    decoding, inputs, running = (median(part) * 1000 for part in zip(*parts, strict=True))
    unit = 1 if sys.platform == "darwin" else 1024
    return Bare(
        path=path,
        repeat=repeat,
        engines=tuple(engines),
        pictures=len(pictures),
        seconds=round(seconds, 3),
        per_second=round(len(pictures) / seconds, 3),
        decode_ms=round(decoding, 2),
        inputs_ms=round(inputs, 2),
        runs_ms=round(running, 2),
        cpu_ms=round(used / len(pictures) * 1000, 2),
        others_share=round(max(0.0, others), 3),
        peak_rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE, 1),
        machine={**machine.described(), "load": machine.load()},
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and print one line."""
    path, repeat, policy, folder, count, *engines = arguments
    files = [file.read_bytes() for file in sorted(Path(folder).iterdir())[: int(count)]]
    pictures = list(islice(cycle(files), int(count)))
    line = measured(path, int(repeat), Loop(Path(policy), engines), engines, pictures)
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
