"""One repeat of the media benchmark: pictures and texts through a user's workers, on a real Kafka and an S3 server."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from benchmarks import machine, media_input, records, runners
from benchmarks.bench import TERMS
from benchmarks.measure import MEGABYTE, Sampler, median, percentiles, progress, stretch
from benchmarks.media_measure import Stream, Wait
from benchmarks.records import Record
from benchmarks.runners import Running
from benchmarks.runs import Missing
from benchmarks.traffic import Observer, Output, Traffic
from streams.adapters import topics
from streams.core.decision import Decision
from streams.embedded import aws
from streams.settings import Settings

SOURCES: Final = {"uploads": "uploads", "media": "tasks-media", "join": "findings", "screen": "messages"}
LIMIT: Final = 600.0  # seconds that one part has for its decisions
LOOK: Final = 0.05  # seconds between two looks at how far the workers are
SOME: Final = 4  # pictures after which a worker is at work
TEXT_RATE: Final = 100.0  # texts a second
TEXT_WARM: Final = 5.0  # seconds at this rate that do not count
CONVERSATIONS: Final = 50
SPARE: Final = 2.0  # times as many pictures wait as are judged while the texts come

_decision = msgspec.json.Decoder(Decision).decode


@dataclass(frozen=True)
class Place:
    """What a repeat works with."""

    traffic: Traffic
    prefix: str  # of its topics
    endpoint: str  # of the S3 server
    folder: Path
    media_cores: list[int]
    other_cores: list[int]
    seed: int

    def topic(self, name: str) -> str:
        """Return the full name of a topic."""
        return self.prefix + name

    @contextmanager
    def worker(self, role: str, policy: Path) -> Iterator[Running]:
        """Run the worker of a role as a user starts it: `media` on its cores, the others on theirs."""
        runner = runners.worker(
            role,
            self.traffic.bootstrap,
            self.prefix,
            self.traffic.partitions,
            policy,
            source=SOURCES[role],
            more={"MODERATION_S3_ENDPOINT": self.endpoint, **aws.environment()},
        )
        cores = self.media_cores if role == "media" else self.other_cores
        with runners.running(runner, cores, self.folder) as process:
            yield process


class Run:
    """The workers of one repeat over the topics of one prefix; use it with `with`."""

    def __init__(self, place: Place, policy: Path, path: str, engines: Sequence[str], repeat: int) -> None:
        self._place, self._policy, self._path, self._engines = place, policy, path, tuple(engines)
        self._traffic, self._repeat = place.traffic, repeat
        self._machine = machine.described()
        self._open = ExitStack()
        self._processes: list[Running] = []
        self._sampler: Sampler
        self._observer: Observer
        self._sent = 0  # texts

    def __enter__(self) -> Self:
        """Make the topics."""
        place = self._place
        settings = Settings(
            bootstrap=self._traffic.bootstrap, topic_prefix=place.prefix, partitions=self._traffic.partitions
        )
        topics.apply(settings)
        self._open.callback(self._traffic.delete, place.prefix)
        for name in ("messages", "uploads", "actions"):
            self._traffic.stamp(place.topic(name))
        self._observer = self._open.enter_context(self._traffic.observer(place.topic("actions")))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the workers and delete the topics."""
        self._open.close()

    def full(self, uploads: Sequence[Record]) -> Stream:
        """Start the workers over a source that holds all uploads; return how fast the decisions came."""
        self._traffic.fill(self._place.topic("uploads"), uploads)
        for role in ("uploads", "join"):
            self._start(role)
        media = self._start("media")
        self._sampler = self._open.enter_context(Sampler(media.pid, self._place.media_cores[0]))
        self._await(uploads)
        found = self._decided(uploads)
        whole = stretch(progress(stamp / 1000 for stamp, _ in found))
        cpu = self._sampler.cpu_at(whole.end) - self._sampler.cpu_at(whole.begin)
        core = self._sampler.core_at(whole.end) - self._sampler.core_at(whole.begin)
        return Stream(
            path=self._path,
            repeat=self._repeat,
            engines=self._engines,
            pictures=len(uploads),
            seconds=round(whole.seconds, 3),
            per_second=round(whole.outputs / whole.seconds, 3),
            engines_ms={name: _took(found, name) for name in self._engines},
            cpu_ms=round(cpu / whole.outputs * 1000, 2),
            busy_share=round(cpu / whole.seconds, 3),
            others_share=round(max(0.0, core - cpu) / whole.seconds, 3),
            peak_rss_mb=round(self._sampler.peak / MEGABYTE, 1),
            start_seconds=round(whole.begin - media.started, 2),
            acted_share=round(sum(decision.action != "allow" for _, decision in found) / len(found), 3),
            machine=self._described(),
        )

    def pictures(self, uploads: Sequence[Record], per_second: float) -> Wait:
        """Send uploads at a pace; return how long their decisions took. The first SOME do not count."""
        self._traffic.pace(self._place.topic("uploads"), uploads, per_second)
        self._await(uploads)
        counted = uploads[SOME:]
        found = self._decided(counted)
        waited = self._waited("uploads", counted, found)
        took = median(sum(report.duration_ms or 0.0 for report in decision.reports) for _, decision in found)
        return Wait("picture", self._repeat, len(counted), per_second, waited, took, machine=self._described())

    def texts(self, beside: str, seconds: float, backlog: Sequence[Record] = ()) -> Wait:
        """Send texts at TEXT_RATE, beside so many pictures that wait; return how long their decisions took.

        Raises Missing when no picture waits any more at the end. All of them have their decision on return.
        """
        count, warm = int((TEXT_WARM + seconds) * TEXT_RATE), int(TEXT_WARM * TEXT_RATE)
        texts = list(
            records.messages(
                count,
                in_conversations=CONVERSATIONS,
                spread="uniform",
                blocked=records.terms(TERMS, self._place.seed),
                start=self._sent,
                seed=self._place.seed,
            )
        )
        self._sent += count
        if backlog:
            self._traffic.fill(self._place.topic("uploads"), backlog)
            self._await(backlog, SOME)
        sent = self._traffic.pace(self._place.topic("messages"), texts, TEXT_RATE)
        self._await(texts)
        self._await(backlog)
        counted = texts[warm:]
        found = self._decided(counted)
        waiting = (0, 0)
        if backlog:
            stamps = [stamp / 1000 for stamp, _ in self._decided(backlog)]
            moments = sent[counted[0].content_id.encode()], sent[counted[-1].content_id.encode()]
            begin, end = (sum(stamp > moment for stamp in stamps) for moment in moments)
            waiting = (begin, end)
            if not end:
                raise Missing("no picture was waiting any more when the last text was sent")
        return Wait(
            f"text, {beside}",
            self._repeat,
            len(counted),
            TEXT_RATE,
            self._waited("messages", counted, found),
            waiting=waiting,
            machine=self._described(),
        )

    def screen(self) -> None:
        """Start the worker for texts."""
        self._start("screen")

    def _start(self, role: str) -> Running:
        process = self._open.enter_context(self._place.worker(role, self._policy))
        self._processes.append(process)
        return process

    def _described(self) -> dict[str, Any]:
        return {**self._machine, "load": machine.load()}

    def _await(self, sent: Sequence[Record], least: int | None = None) -> None:
        """Wait until all, or at least so many, have a decision that can be seen."""
        keys = [record.content_id.encode() for record in sent]
        wanted, deadline = len(keys) if least is None else least, time.monotonic() + LIMIT
        while (found := sum(key in self._observer.seen for key in keys)) < wanted:
            for process in self._processes:
                process.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{found} of {wanted} decisions after {LIMIT:.0f} s")
            time.sleep(LOOK)

    def _decided(self, sent: Sequence[Record]) -> list[tuple[int, Decision]]:
        """Return append time and decision of each record sent; raise Missing unless each has one that is whole."""
        return decided(sent, self._traffic.read(self._place.topic("actions")))

    def _waited(self, source: str, sent: Sequence[Record], found: Sequence[tuple[int, Decision]]) -> dict[str, float]:
        """Return percentiles of the milliseconds from the append of a record to that of its decision."""
        decode = msgspec.json.Decoder(_Content).decode
        appended = {
            decode(value).content_id: stamp for stamp, _, value in self._traffic.read(self._place.topic(source))
        }
        wanted = {record.content_id for record in sent}
        return percentiles(
            stamp - appended[decision.content_id] for stamp, decision in found if decision.content_id in wanted
        )


class _Content(msgspec.Struct):
    content_id: str


def decided(sent: Iterable[Record], outputs: Iterable[Output]) -> list[tuple[int, Decision]]:
    """Return the append time (milliseconds since 1970) and the decision of each record sent.

    Raises Missing where one has no decision, or two, or one that lacks an engine's answer.
    """
    wanted = {record.content_id.encode() for record in sent}
    found = [(stamp, _decision(value)) for stamp, key, value in outputs if key in wanted]
    if not len(found) == len({decision.content_id for _, decision in found}) == len(wanted):
        raise Missing(f"{len(found)} decisions for {len(wanted)} records")
    partial = [report for _, decision in found if decision.partial for report in decision.reports if report.reason]
    if partial:
        raise Missing(f"{len(partial)} answers are missing, one of {partial[0].engine}: {partial[0].reason}")
    return found


def _took(found: Sequence[tuple[int, Decision]], engine: str) -> float:
    """Return the median of what an engine took for a picture, in milliseconds, as its reports say."""
    return round(
        median(
            report.duration_ms or 0.0 for _, decision in found for report in decision.reports if report.engine == engine
        ),
        2,
    )


def stored(client: Any, files: Iterable[Path]) -> list[str]:
    """Put files into the benchmark's bucket, which is made; return their keys."""
    client.create_bucket(Bucket=media_input.BUCKET)
    names = []
    for file in files:
        client.put_object(Bucket=media_input.BUCKET, Key=file.name, Body=file.read_bytes())
        names.append(file.name)
    return names
