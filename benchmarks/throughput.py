"""`make bench`: the screen worker beside the floors, over the same records, on a real Kafka.

Prints one JSON line for each measurement and Markdown tables at the end; progress goes to the error stream.
README.md in this folder says how to read them.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import KafkaException

from benchmarks import machine, runners, table
from benchmarks.bench import Bench, Plan
from benchmarks.measure import Measurement
from benchmarks.traffic import Traffic
from streams.adapters import topics
from streams.embedded.broker import Broker

SWITCH: Final = 0.0005  # seconds that one thread may hold the interpreter: the observer must look at the clock in time
QUICK: Final = {"messages": 20_000, "repeat": 1, "seconds": 3.0}


def plan(arguments: list[str]) -> argparse.Namespace:
    """Return the command line, parsed and checked."""
    parser = argparse.ArgumentParser(prog="throughput.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000, help="records of a run (%(default)s)")
    parser.add_argument("--conversations", type=int, default=5000, help="conversations they belong to (%(default)s)")
    parser.add_argument("--spread", choices=("uniform", "zipf"), default="uniform", help="messages over conversations")
    parser.add_argument("--partitions", type=int, default=4, help="partitions of every topic (%(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; medians are shown (%(default)s)")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each latency run, 0 for none (%(default)s)")
    parser.add_argument("--only", choices=runners.NAMES, action="append", help="leave others out; may be repeated")
    parser.add_argument("--quick", action="store_true", help=f"a short run that says little: {QUICK}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="JSON lines to FILE instead of the output")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="use this broker instead of starting one")
    parser.add_argument("--seed", type=int, default=1, help="of the records (%(default)s)")
    parsed = parser.parse_args(arguments)
    if parsed.quick:
        vars(parsed).update(QUICK)
    if min(parsed.messages, parsed.conversations, parsed.partitions, parsed.repeat) < 1:
        parser.error("counts start at 1")
    return parsed


@contextmanager
def broker(given: str | None, folder: Path) -> Iterator[str]:
    """Yield host:port of the broker that was given, or of one that lives as long as the block."""
    if given:
        yield given
        return
    with Broker(folder) as started:
        yield started.bootstrap


def say(text: str) -> None:
    """Show progress."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    """Run the benchmark; end with one line when the broker fails, code 1 when a runner does."""
    asked = plan(arguments)
    measurements: list[Measurement] = []
    sys.setswitchinterval(SWITCH)
    if asked.json:
        asked.json.write_bytes(b"")

    def note(measurement: Measurement) -> None:
        measurements.append(measurement)
        line = msgspec.json.encode(measurement) + b"\n"
        if asked.json:
            with asked.json.open("ab") as file:
                file.write(line)
        else:
            sys.stdout.write(line.decode())
            sys.stdout.flush()

    _, others = machine.shared_out()
    with tempfile.TemporaryDirectory(prefix="moderation-bench-") as name, machine.on_cores(others):
        folder = Path(name)
        try:
            with (
                broker(asked.bootstrap, folder / "kafka") as bootstrap,
                Traffic(bootstrap, asked.partitions) as traffic,
            ):
                bench = Bench(
                    Plan(
                        messages=asked.messages,
                        conversations=asked.conversations,
                        spread=asked.spread,
                        partitions=asked.partitions,
                        repeat=asked.repeat,
                        seconds=asked.seconds,
                        only=tuple(asked.only or runners.NAMES),
                        seed=asked.seed,
                    ),
                    traffic,
                    folder,
                    note,
                    say,
                )
                gc.collect()
                gc.disable()  # a pause of the generator would be counted as latency of the worker
                failed = bench.run()
        except (KafkaException, RuntimeError, TimeoutError, topics.Unreachable) as error:
            sys.exit(f"benchmark stopped: {error}")
    print(f"\n{table.markdown(measurements)}")
    if failed:
        sys.exit(f"{failed} runs failed and are not in the tables")


if __name__ == "__main__":
    main(sys.argv[1:])
