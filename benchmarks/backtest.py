"""A back-test on a real Kafka, beside decoding the same records alone; one JSON line for each, a table at the end.

Messages and what was decided of them lie on the topics before the clock starts; everything runs in this one process, so
that its processor time is all there is, the threads of librdkafka included.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from confluent_kafka import Producer

from benchmarks import policy, records
from benchmarks.table import rows
from streams.adapters.policies import load_from
from streams.adapters.published import Published
from streams.adapters.rereading import Rereading, Stretch
from streams.adapters.shelf import Shelf
from streams.adapters.sources import OnDisk
from streams.adapters.topics import Topics
from streams.adapters.wire import Reader
from streams.agents.inspecting import Inspector
from streams.core.arrival import Arrival
from streams.core.case import FindingRecord
from streams.core.comparison import Comparison
from streams.core.content import Message
from streams.core.decision import Decision
from streams.core.finding import Finding, Report
from streams.core.judge import judged, judged_case
from streams.core.opening import Case
from streams.core.panel import Panel, Panels
from streams.core.rejudging import Rejudging
from streams.core.screen import Limits, screened
from streams.core.window import EMPTY, Window
from streams.embedded.broker import Broker
from streams.evaluation.backtesting import ACTIONS, FINDINGS, MESSAGES, Backtest, Scope
from streams.evaluation.unchanged import Unchanged
from streams.metrics import Metrics
from streams.settings import Settings

BATCH: Final = 128
LIMITS: Final = Limits(text=500, ids=200)
LIMIT: Final = 262_144
TERMS: Final = 1000
PATIENCE: Final = 60_000  # milliseconds
APART: Final = "velocity_user"  # its reports are stored: it is never asked
STORED: Final = 50  # of so many texts one has a finding of it


class Policies:
    """The policy that decided, and those that are held against what it decided."""

    def __init__(self, folder: Path, *, apart: bool) -> None:
        old = policy.written(folder, records.terms(TERMS))
        document = yaml.safe_load(old.read_text())
        if apart:
            document["engines"][APART] = {
                "limits": [{"name": "flood", "kind": "messages", "most": 30, "within": "60s"}]
            }
        self.old = self._written(old, document)
        self.stored = self._written(folder / "stored.yaml", {**document, "exempt": [{"role": "admin"}]})
        patterns = document["engines"]["pattern"]["patterns"]
        softer = [{**each, "action": "flag"} for each in patterns]
        engines = {**document["engines"], "pattern": {"patterns": softer}}
        self.asked = self._written(folder / "asked.yaml", {**document, "engines": engines})

    @staticmethod
    def _written(path: Path, document: dict[str, Any]) -> Path:
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path


def decided(file: Path, sent: Sequence[records.Record], begin: int) -> Iterator[tuple[str, bytes, msgspec.Struct, int]]:
    """Yield what the stream would have written about messages a millisecond apart: topic, key, record, time."""
    loaded = load_from(OnDisk(file))
    panels, inspect = Panels([Panel(loaded.policy, loaded.inline)]), Inspector(Metrics())
    windows: dict[bytes, Window] = {}
    decode = msgspec.json.Decoder(Message).decode
    for start in range(0, len(sent), BATCH):
        batch = [Arrival(decode(each.value), begin + start + n) for n, each in enumerate(sent[start : start + BATCH])]
        screening = screened(
            batch,
            lambda key: windows.get(key, EMPTY),
            panels=panels,
            inspect=inspect,
            judge=judged,
            limits=LIMITS,
            now=begin + start,
        )
        windows.update(screening.windows)
        for place, (arrival, outcome) in enumerate(zip(batch, screening.outcomes, strict=True)):
            key, at = arrival.message.content_id.encode(), arrival.at + 20
            if isinstance(outcome, Decision):
                yield "actions", key, outcome, at
            elif isinstance(outcome, Case):
                found = (Finding("spam", "flood", "low"),) if (start + place) % STORED == 0 else ()
                report = Report(arrival.message.content_id, APART, "1", "ok", findings=found)
                decision = judged_case(loaded.policy, outcome.opened, [*outcome.opened.reports, report], judged, at)
                yield from (("findings", key, each, at) for each in (outcome.opened, report))
                yield "actions", key, decision, at


def fill(settings: Settings, sent: Sequence[records.Record], file: Path, begin: int) -> None:
    """Put messages, and what was decided of them, on the topics."""
    producer = Producer({"bootstrap.servers": settings.bootstrap, "log_level": 0, "linger.ms": 50})
    encode = msgspec.json.Encoder().encode

    def put(topic: str, key: bytes, value: bytes, at: int) -> None:
        while True:
            try:
                producer.produce(settings.topic_prefix + topic, value, key, timestamp=at)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)

    for number, each in enumerate(sent):
        put("messages", each.key, each.value, begin + number)
    for topic, key, record, at in decided(file, sent, begin):
        put(topic, key, encode(record), at)
    if producer.flush(60):
        raise SystemExit("records were not acknowledged")


def stretches(settings: Settings, begin: int, count: int, *, findings: bool) -> list[Stretch]:
    """Return what a back-test reads."""
    end, prefix = begin + count, settings.topic_prefix
    found = [
        Stretch(f"{prefix}actions", begin, end + PATIENCE, PATIENCE),
        Stretch(f"{prefix}messages", begin, end),
        Stretch(f"{prefix}findings", begin, end + PATIENCE, PATIENCE),
    ]
    return found if findings else found[:2]


def decoding(settings: Settings, asked: list[Stretch]) -> int:
    """Read and decode the records, nothing else; return how many texts there were."""
    readers: dict[int, Reader[Any]] = {
        ACTIONS: Reader(Decision, limit=LIMIT),
        MESSAGES: Reader(Message, limit=LIMIT),
        FINDINGS: Reader(FindingRecord, limit=LIMIT),
    }
    texts = 0
    with Rereading(settings, asked) as rereading:
        for batch in rereading.batches():
            for number, record in batch:
                readers[number].read(record.value)
                texts += number == MESSAGES
    return texts


def backtesting(settings: Settings, asked: list[Stretch], old: Path, new: Path) -> Callable[[], int]:
    """Return what holds a policy against the records and returns how many texts it compared."""
    shelf = Shelf()
    loaded = load_from(OnDisk(new), shelf=shelf)
    unchanged = Unchanged(loaded, shelf, Published(), OnDisk(old))
    panel = Panel(loaded.policy, loaded.inline)

    def run() -> int:
        test = Backtest(
            Rejudging(panel, Inspector(Metrics()), LIMITS, unchanged), Comparison(5), Scope(0), record_limit=LIMIT
        )
        with Rereading(settings, asked) as rereading:
            for batch in rereading.batches():
                test.take(batch)
        if any(then == "missing" for then, _ in test.comparison.pairs) or test.unknown:
            raise SystemExit("what was decided was not found")
        return test.comparison.contents

    return run


def measured(name: str, run: Callable[[], int], repeat: int) -> dict[str, Any]:
    """Return the medians of some runs: texts a second of processor time, and of time."""
    found = []
    for _ in range(repeat):
        wall, processor = time.perf_counter(), time.process_time()
        texts = run()
        found.append((texts / (time.process_time() - processor), texts / (time.perf_counter() - wall), texts))
    per_core, per_second, texts = sorted(found)[len(found) // 2]
    line = {"runner": name, "texts": texts, "per_core_second": round(per_core), "per_second": round(per_second)}
    print(msgspec.json.encode(line).decode(), flush=True)
    return line


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="backtest.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000, help="texts (%(default)s)")
    parser.add_argument("--conversations", type=int, default=5000, help="conversations they belong to (%(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; medians are shown (%(default)s)")
    chosen = parser.parse_args(arguments)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder)) as broker:
        for apart in (False, True):
            found += side_by_side(broker.bootstrap, Path(folder), chosen, apart=apart)
    header = ("run", "texts a second and core", "texts a second")
    print(rows(header, ((f["runner"], f"{f['per_core_second']:,}", f"{f['per_second']:,}") for f in found)))


def side_by_side(bootstrap: str, folder: Path, chosen: argparse.Namespace, *, apart: bool) -> Iterable[dict[str, Any]]:
    """Yield the measurements on one set of records: decided at once, or as cases with a stored report each."""
    kind = "cases" if apart else "texts"
    place = folder / kind
    place.mkdir()
    policies = Policies(place, apart=apart)
    settings = Settings(bootstrap=bootstrap, topic_prefix=f"{kind}-", policy=policies.old)
    Topics(settings).apply()
    blocked = records.terms(TERMS)
    sent = list(
        records.messages(chosen.messages, in_conversations=chosen.conversations, spread="uniform", blocked=blocked)
    )
    begin = int(time.time() * 1000) - 3_600_000
    print(f"writing {len(sent):,} messages and their decisions", file=sys.stderr)
    fill(settings, sent, policies.old, begin)
    asked = stretches(settings, begin, len(sent), findings=apart)
    yield measured(f"{kind}: decoding alone", lambda: decoding(settings, asked), chosen.repeat)
    for name, new in (("stored answers", policies.stored), ("patterns asked again", policies.asked)):
        yield measured(f"{kind}: {name}", backtesting(settings, asked, policies.old, new), chosen.repeat)


if __name__ == "__main__":
    main(sys.argv[1:])
