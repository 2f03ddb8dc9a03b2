"""What a video takes on one core: decoding and sampling in its process, then each engine of the default policy.

Draws a clip (60 s of 720p at 30 frames a second by default; scenes that move and are cut), encodes it with H.264, and
prints one JSON line for each run. README.md in this folder says how to read them.
"""

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks import machine

SCENE: Final = 5  # seconds
BLOCK: Final = 16  # pixels a side: what is drawn has edges, as footage has
LENGTH: Final = 60  # seconds
RATE: Final = 30  # frames a second
SIZES: Final = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}


def drawn(width: int, height: int, seconds: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames: a landscape of blocks that passes by, another one after each cut, a square on it that moves."""
    draw = np.random.default_rng(1)
    for _ in range(0, seconds, SCENE):
        blocks = draw.integers(0, 256, (height // BLOCK + 1, 2 * width // BLOCK, 3), dtype=np.uint8)
        land = blocks.repeat(BLOCK, 0).repeat(BLOCK, 1)[:height]
        for index in range(SCENE * RATE):
            frame = land[:, 3 * index : 3 * index + width].copy()
            top, left = 2 * index % (height - 99), 5 * index % (width - 99)
            frame[top : top + 99, left : left + 99] = draw.integers(0, 256, 3)
            yield frame


def encoded(width: int, height: int, seconds: int) -> bytes:
    """Return the clip as an MP4 file."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream: Any = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "26"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in drawn(width, height, seconds):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode())
    return file.getvalue()


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark on one core."""
    parser = argparse.ArgumentParser(prog="video.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=tuple(SIZES), default="720p", help="of the frames (%(default)s)")
    parser.add_argument("--seconds", type=int, default=LENGTH, help="length of the clip (%(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs (%(default)s)")
    asked = parser.parse_args(arguments)
    data = encoded(*SIZES[asked.size], asked.seconds)
    with machine.on_cores(machine.cores()[-1:]):
        for line in _runs(data, asked.repeat):
            about = {"size": asked.size, "length_s": asked.seconds, "bytes": len(data), "load": machine.load()}
            sys.stdout.write(json.dumps({**about, **line}) + "\n")
            sys.stdout.flush()


def _runs(data: bytes, repeat: int) -> Iterator[dict[str, Any]]:
    # After the core is chosen: libraries that count the cores then count one.
    from streams.adapters.picture import decoded, limits  # noqa: PLC0415
    from streams.adapters.policies import load  # noqa: PLC0415
    from streams.settings import Settings  # noqa: PLC0415

    bounds = limits(Settings())
    engines = [engine for engine in load(None).engines if engine.accepts == "media"]
    for run in range(repeat + 1):
        marks = [_clocks()]
        media = decoded(data, bounds)
        marks.append(_clocks())
        for engine in engines:
            engine.inspect([media])
            marks.append(_clocks())
        if run:  # the first one loads the networks
            names = ["decode", *(engine.name for engine in engines)]
            yield {
                "frames": len(media.frames),
                **{
                    kind: {
                        "total": round(marks[-1][clock] - marks[0][clock], 2),
                        **{
                            name: round(later[clock] - sooner[clock], 2)
                            for name, sooner, later in zip(names, marks, marks[1:], strict=False)
                        },
                    }
                    for clock, kind in enumerate(("clock_s", "cpu_s"))
                },
            }


def _clocks() -> tuple[float, float]:
    """Return the time, and the processor time of this process and of those that it has ended."""
    times = os.times()
    return time.perf_counter(), times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(sys.argv[1:])
