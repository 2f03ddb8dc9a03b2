"""`make bench`, the texts: what the engines for texts take on one core, beside a bare loop around the encoder.

Prints one JSON line for each measurement and Markdown tables at the end; progress goes to the error stream. No Kafka.
README.md in this folder says how to read them.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import machine, text_measure
from benchmarks.runners import ROOT
from benchmarks.text_measure import Line
from benchmarks.text_stack import STACKS
from benchmarks.throughput import say

SHARED: Final = Path(os.environ.get("MODERATION_SHARED") or ROOT.parent / "shared")
QUICK: Final = 0.1  # share of the texts
STARTS: Final = 3
# One thread each, wherever a library would start more.
ALONE: Final = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1"),
    "TOKENIZERS_PARALLELISM": "false",
}


class Failed(RuntimeError):
    """A measured process ended with an error."""


def printed(module: str, *arguments: str, cores: Sequence[int]) -> Iterator[bytes]:
    """Run a module in a process of its own, on some cores; yield the lines that it prints."""
    environment = {**os.environ, **ALONE}
    with machine.on_cores(list(cores)):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, env=environment, cwd=ROOT
        )
    with process:
        try:
            yield from process.stdout or ()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise Failed(f"{module} ended with code {process.returncode}")


def main(arguments: Sequence[str], tell: Callable[[str], None] = say) -> None:
    """Run the benchmark; end with code 1 when a measured process fails."""
    parser = argparse.ArgumentParser(prog="text.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each path; medians are shown (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one run over few texts: shows whether it works")
    parser.add_argument("--drawn", action="store_true", help="texts of our own, even where collected ones are")
    parser.add_argument("--only", choices=tuple(STACKS), action="append", help="leave others out; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="of texts that are drawn (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="JSON lines to FILE instead of the output")
    asked = parser.parse_args(arguments)
    if asked.repeat < 1:
        parser.error("--repeat starts at 1")
    repeat, scale = (1, QUICK) if asked.quick else (asked.repeat, 1.0)
    lines: list[Line] = []
    if asked.json:
        asked.json.write_bytes(b"")
    try:
        for line in _lines(asked, repeat, scale, tell):
            lines.append(line)
            encoded = msgspec.json.encode(line).decode() + "\n"
            if asked.json:
                with asked.json.open("a", encoding="utf-8") as file:
                    file.write(encoded)
            else:
                sys.stdout.write(encoded)
                sys.stdout.flush()
    except Failed as error:
        sys.exit(f"benchmark stopped: {error}")
    print(f"\n{text_measure.markdown(lines)}")


def _measured(module: str, *arguments: str, cores: Sequence[int]) -> Iterator[Line]:
    for line in printed(module, *arguments, cores=cores):
        yield msgspec.json.decode(line, type=Line)


def _lines(asked: argparse.Namespace, repeat: int, scale: float, tell: Callable[[str], None]) -> Iterator[Line]:
    cores = machine.cores()
    tell(f"texts: {repeat} runs of each path, on core {cores[-1]}")
    chosen = ["" if asked.drawn else str(SHARED), *(asked.only or ())]
    yield from _measured("benchmarks.text_run", str(scale), str(repeat), str(asked.seed), *chosen, cores=cores[-1:])
    if asked.only:
        return
    for number in range(1, (1 if asked.quick else STARTS) + 1):
        fill = number == STARTS
        tell("a cold start" + (", and full memories" if fill else ""))
        more = ["--fill", str(asked.seed)] if fill else []
        yield from _measured("benchmarks.text_start", str(time.time()), str(number), *more, cores=cores)


if __name__ == "__main__":
    main(sys.argv[1:])
