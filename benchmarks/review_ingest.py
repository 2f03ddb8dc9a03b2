"""How fast flagged decisions with their messages get into the review store, empty and full, on SQLite and PostgreSQL.

`python -m benchmarks.review_ingest` prints a JSON line for each measurement. PostgreSQL is started for it, as durable
as in production; SQLite flushes every transaction to the disk, too. No Kafka is in it: batches are ready in memory.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil  # type: ignore[import-untyped]
from sqlalchemy import text

from benchmarks.machine import described, load
from benchmarks.review_items import Arrived, arrivals, decided_at, filled
from streams.core.content import Message, Upload
from streams.store.batch import Batch, Read
from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.taking import take
from tests.loopback.postgres import Postgres, programs

BATCH: Final = 1_000  # decisions of a transaction, as many contents
FULL: Final = {"sqlite": 100_000, "postgresql": 1_000_000}  # items that must be borne


def batches(count: int, start: int) -> Iterator[Batch]:
    """Yield decisions and their contents, `start` numbers the first; each content comes with its decision."""
    for first in range(start, start + count, BATCH):
        yield batch(list(arrivals(min(BATCH, start + count - first), start=first)), first)


def batch(arrived: Sequence[Arrived], first: int) -> Batch:
    """Return what a fetch would have brought."""
    at = decided_at(first)
    messages, uploads = [], []
    for offset, (_, content) in enumerate(arrived, first):
        if isinstance(content, Message):
            messages.append(Read(content, "messages", 0, offset, at))
        else:
            assert isinstance(content, Upload)  # noqa: S101  the other kind
            uploads.append(Read(content, "uploads", 0, offset, at))
    return Batch(
        decisions=[Read(each.decision, "actions", 0, offset, at) for offset, each in enumerate(arrived, first)],
        messages=messages,
        uploads=uploads,
        positions={(topic, 0): first + len(arrived) for topic in ("actions", "messages", "uploads")},
    )


def measured(database: Database, count: int, start: int) -> dict[str, float]:
    """Take so many new decisions; return what that took, the slowest transaction included."""
    ready = list(batches(count, start))
    server = server_cpu(database)
    slowest, cpu, begin = 0.0, time.process_time(), time.perf_counter()
    opened = 0
    for each in ready:
        at = time.perf_counter()
        with database.writing() as connection:
            opened += take(connection, each, decided_at(start)).opened
        slowest = max(slowest, time.perf_counter() - at)
    seconds = time.perf_counter() - begin
    if opened != count:
        raise RuntimeError(f"{opened} items of {count} decisions")
    return {
        "per_second": round(count / seconds, 1),
        "cpu_us": round((time.process_time() - cpu) / count * 1e6, 1),
        "server_cpu_us": round((server_cpu(database) - server) / count * 1e6, 1),
        "slowest_batch_ms": round(slowest * 1000, 1),
    }


def server_cpu(database: Database) -> float:
    """Return the seconds of CPU time that PostgreSQL spent on our connection; SQLite has no process of its own."""
    if database.dialect == "sqlite":
        return 0.0
    with database.writing() as connection:  # one after the other, they are all on the same connection
        times = psutil.Process(connection.scalar(text("SELECT pg_backend_pid()"))).cpu_times()
    return float(times.user + times.system)


@contextmanager
def stores(dialect: str, folder: Path) -> Iterator[Database]:
    """Give a migrated, empty store."""
    with ExitStack() as stack:
        if dialect == "sqlite":
            url = f"sqlite:///{folder / 'review.db'}"
        else:
            found = programs()
            if found is None:
                raise SystemExit("no PostgreSQL here: apt-get install postgresql")
            url = stack.enter_context(Postgres(found, durable=True)).url()
        database = Database(url)
        migrated(database)
        yield database
        database.close()


def main(arguments: list[str]) -> None:
    """Measure both databases, empty, then full."""
    parser = argparse.ArgumentParser(prog="review_ingest.py", description=__doc__)
    parser.add_argument("--only", choices=tuple(FULL), help="one database")
    parser.add_argument("--count", type=int, default=20_000, help="decisions of a measurement (%(default)s)")
    parser.add_argument("--items", type=int, help="that are there in the second measurement")
    asked = parser.parse_args(arguments)
    for dialect in [asked.only] if asked.only else FULL:
        items = asked.items or FULL[dialect]
        with TemporaryDirectory() as folder, stores(dialect, Path(folder)) as database:
            for present in (0, items):
                if present:
                    filled(database, present, start=asked.count)
                told = {"database": dialect, "items": present, "decisions": asked.count, "batch": BATCH}
                result = measured(database, asked.count, asked.count + present if present else 0)
                print(json.dumps({**told, **result, "load": load(), "machine": described()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
