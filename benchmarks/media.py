"""`make bench`, the pictures: uploads end to end beside a bare loop of decoding and inference over the same files.

Prints one JSON line for each measurement and Markdown tables at the end; progress goes to the error stream.
README.md in this folder says how to read them.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import boto3
import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import KafkaException

from benchmarks import machine, media_input, media_measure, media_stack, runners, runs
from benchmarks.media_measure import EVERYTHING, MODEL, Bare, Line, Stream
from benchmarks.media_run import SPARE, TEXT_WARM, Place, Run, stored
from benchmarks.records import Record
from benchmarks.text import ALONE, SHARED, Failed, printed
from benchmarks.throughput import SWITCH, broker, say
from benchmarks.traffic import Traffic
from streams.adapters import topics
from streams.embedded import aws
from streams.embedded.failure import SetUpError

PARTITIONS: Final = 4
QUICK: Final = {"pictures": 48, "repeat": 1, "low": 8, "seconds": 3.0}
ALL: Final = 0.5  # share of the pictures that all local engines see
ENDLESS: Final = 100_000  # pictures of a bare loop that is stopped
LOW: Final = 1.0  # uploads a second at low load


@dataclass(frozen=True)
class Plan:
    """What is run, over how much."""

    pictures: int
    low: int  # pictures at low load, 0 for none
    seconds: float  # of the texts, 0 for none
    repeat: int
    engines: tuple[str, ...]  # held against the bare loop
    everything: tuple[str, ...]  # seen by some pictures once, for memory; none where nothing is here
    seed: int


class Bench:
    """Runs a plan on a broker and an S3 server that hold nothing else."""

    def __init__(
        self,
        plan: Plan,
        traffic: Traffic,
        endpoint: str,
        folder: Path,
        cores: tuple[list[int], list[int]],
        others: Sequence[Path],
        tell: Callable[[str], None],
    ) -> None:
        self._plan, self._traffic, self._endpoint, self._folder, self._tell = plan, traffic, endpoint, folder, tell
        self._own, self._rest = cores
        count = plan.pictures + plan.low
        tell(
            f"drawing {count} pictures" + (f", every second one with one of {len(others)} collected" if others else "")
        )
        self._pictures = folder / "pictures"
        self._pictures.mkdir()
        self._names = stored(_client(endpoint), media_input.written(self._pictures, count, plan.seed, others))
        paths = {MODEL: plan.engines, EVERYTHING: plan.everything}
        self._paths = {path: engines for path, engines in paths.items() if engines}
        self._policies = {
            path: media_stack.written(folder / path, engines, plan.seed) for path, engines in self._paths.items()
        }

    def run(self) -> Iterator[Line]:
        """Run everything; yield each measurement as it is made."""
        for repeat in range(1, self._plan.repeat + 1):
            yield from self._repeat(repeat)
        if EVERYTHING in self._paths:
            count = max(4, int(self._plan.pictures * ALL))
            yield from self._bare(EVERYTHING, 1, count)
            self._tell(f"end to end, {count} pictures: {', '.join(self._paths[EVERYTHING])}")
            with self._running(EVERYTHING, 1) as run:
                yield run.full(self._uploads(count, EVERYTHING))

    def _repeat(self, repeat: int) -> Iterator[Line]:
        plan = self._plan
        said = f"repeat {repeat} of {plan.repeat}"
        yield from self._bare(MODEL, repeat, plan.pictures)
        with self._running(MODEL, repeat) as run:
            self._tell(f"{said}: end to end, {plan.pictures} pictures")
            full = run.full(self._uploads(plan.pictures, "full"))
            yield full
            if plan.seconds:
                yield from self._texts(run, full, said)
            if plan.low:
                self._tell(f"{said}: {plan.low} pictures, one a second")
                names = self._names[plan.pictures :]
                yield run.pictures(media_input.uploads(names, "low"), LOW)
        yield from self._bare(MODEL, repeat, plan.pictures)

    def _texts(self, run: Run, full: Stream, said: str) -> Iterator[Line]:
        seconds = self._plan.seconds
        backlog = int((seconds + TEXT_WARM) * full.per_second * SPARE) + 1
        run.screen()
        self._tell(f"{said}: texts that do not count")
        run.texts("warm", seconds)
        self._tell(f"{said}: texts alone")
        yield run.texts("alone", seconds)
        self._tell(f"{said}: texts beside {backlog} pictures that wait")
        yield run.texts("beside pictures that wait", seconds, self._uploads(backlog, "backlog"))
        self._tell(f"{said}: texts beside the bare loop")
        with self._busy():
            yield run.texts("beside the bare loop", seconds)
        self._tell(f"{said}: texts alone again")
        yield run.texts("alone", seconds)

    def _uploads(self, count: int, part: str) -> list[Record]:
        names = self._names[: self._plan.pictures]
        return media_input.uploads([names[number % len(names)] for number in range(count)], part)

    def _running(self, path: str, repeat: int) -> Run:
        place = Place(
            self._traffic,
            f"bench-{os.getpid()}-{path}-{repeat}.",
            self._endpoint,
            self._folder,
            self._own,
            self._rest,
            self._plan.seed,
        )
        return Run(place, self._policies[path], path, self._paths[path], repeat)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Keep the measured core busy with the bare loop, which is no part of the stream."""
        command = (sys.executable, "-m", "benchmarks.media_bare", *self._given(MODEL, 0, ENDLESS))
        with runners.running(runners.Runner("bare", command, "media", ""), self._own, self._folder):
            yield

    def _given(self, path: str, repeat: int, count: int) -> tuple[str, ...]:
        return path, str(repeat), str(self._policies[path]), str(self._pictures), str(count), *self._paths[path]

    def _bare(self, path: str, repeat: int, count: int) -> Iterator[Bare]:
        engines = self._paths[path]
        self._tell(f"bare loop on core {self._own[0]}, {count} pictures: {', '.join(engines)}")
        for line in printed("benchmarks.media_bare", *self._given(path, repeat, count), cores=self._own):
            yield msgspec.json.decode(line, type=Bare)


def _client(endpoint: str) -> object:
    keys = aws.environment()
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        region_name=keys["AWS_DEFAULT_REGION"],
    )


def plan(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command line, parsed and checked."""
    local = media_stack.local()
    parser = argparse.ArgumentParser(prog="media.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=200, help="pictures of a run (%(default)s)")
    parser.add_argument("--low", type=int, default=34, help="pictures at one a second, 0 for none (%(default)s)")
    parser.add_argument("--seconds", type=float, default=15.0, help="of texts, 0 for none (%(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; medians are shown (%(default)s)")
    parser.add_argument("--engine", choices=local, action="append", help=f"engines ({local[0]}); may be repeated")
    parser.add_argument("--no-all", action="store_true", help="leave out the run with all local engines")
    parser.add_argument("--quick", action="store_true", help=f"a short run that says little: {QUICK}")
    parser.add_argument("--drawn", action="store_true", help="pictures of our own, even where collected ones are")
    parser.add_argument("--json", type=Path, metavar="FILE", help="JSON lines to FILE instead of the output")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="use this broker instead of starting one")
    parser.add_argument("--seed", type=int, default=1, help="of pictures and texts (%(default)s)")
    parsed = parser.parse_args(arguments)
    if parsed.quick:
        vars(parsed).update(QUICK)
    if min(parsed.pictures, parsed.repeat) < 1:
        parser.error("counts start at 1")
    parsed.engines = tuple(parsed.engine or local[:1])
    return parsed


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark; end with one line when the broker, the S3 server or a worker fails."""
    asked = plan(arguments)
    found: list[Line] = []
    sys.setswitchinterval(SWITCH)
    if asked.json:
        asked.json.write_bytes(b"")
    try:
        for line in _lines(asked):
            found.append(line)
            encoded = msgspec.json.encode(line).decode() + "\n"
            if asked.json:
                with asked.json.open("a", encoding="utf-8") as file:
                    file.write(encoded)
            else:
                sys.stdout.write(encoded)
                sys.stdout.flush()
    except (
        BotoCoreError,
        ClientError,
        Failed,
        KafkaException,
        SetUpError,
        TimeoutError,
        runners.Ended,
        runs.Missing,
        topics.Unreachable,
    ) as error:
        sys.exit(f"benchmark stopped: {error}")
    finally:
        print(f"\n{media_measure.markdown(found)}")


def _lines(asked: argparse.Namespace) -> Iterator[Line]:
    os.environ.update(ALONE)
    chosen = Plan(
        pictures=asked.pictures,
        low=asked.low,
        seconds=asked.seconds,
        repeat=asked.repeat,
        engines=asked.engines,
        everything=() if asked.no_all else media_stack.local(),
        seed=asked.seed,
    )
    others = [] if asked.drawn else media_input.collected(SHARED)
    # The measured process has a core of its own, whatever is left: the bare loop runs on the same one.
    cores = machine.cores()
    own, rest = cores[-1:], cores[:-1] or cores
    with (
        tempfile.TemporaryDirectory(prefix="moderation-bench-") as name,
        machine.on_cores(rest),
        broker(asked.bootstrap, Path(name) / "kafka") as bootstrap,
        aws.Aws() as server,
        Traffic(bootstrap, PARTITIONS) as traffic,
    ):
        yield from Bench(chosen, traffic, server.endpoint, Path(name), (own, rest), others, say).run()


if __name__ == "__main__":
    main(sys.argv[1:])
