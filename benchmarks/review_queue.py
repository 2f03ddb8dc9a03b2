"""How long moderators wait for the store: pages of the queue, the next item, the page of an item.

Reads a store that it fills first (`--fill`), on PostgreSQL and on SQLite; prints one JSON line for each measurement.
README.md in this folder says how to read them.
"""

import argparse
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select, text, update

from benchmarks import machine
from benchmarks.review_items import filled
from streams.core.queue_filter import Filter
from streams.store.conversation import conversation
from streams.store.counting import counts
from streams.store.cursor import Place, written
from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.queue import next_item, page
from streams.store.reading import item_of
from streams.store.scope import EVERYTHING, Scope
from streams.store.similar import similar
from streams.store.tables import item

LIMIT: Final = 50  # rows of a page
LEASE: Final = 600_000  # milliseconds
MODERATORS: Final = 20
ASKED: Final = 10  # items, by each of them
LOOKED: Final = 2.0  # seconds that one is looked at, at most; people take longer
ACCOUNT: Final = "moderator-1"
TENANT: Final = Scope(("tenant-3",), None)
LABELLED: Final = Scope(("tenant-0", "tenant-1"), ("violence", "drugs"))

Work = Callable[[Connection], Any]
Took = tuple[float, float]  # seconds on the clock, seconds of processors


def filters(now: int, since: int) -> dict[str, tuple[Scope, Filter]]:
    """Return filters as people use them: each field, rare and common values, combinations; with whose scope."""
    middle = (now + since) // 2
    wanted = {
        "nothing": Filter(),
        "label, common": Filter(labels=("scam",)),
        "label, rare": Filter(labels=("terrorism",)),
        "label, one that is not there": Filter(labels=("nonsense",)),
        "three labels": Filter(labels=("drugs", "violence", "self_harm")),
        "severity low": Filter(severities=("low",)),
        "severity none": Filter(severities=("none",)),
        "severity high or medium": Filter(severities=("high", "medium")),
        "confidence 95 and more": Filter(min_confidence=95),
        "confidence up to 60": Filter(max_confidence=60),
        "confidence 70 to 80, severity none": Filter(min_confidence=70, max_confidence=80, severities=("none",)),
        "action block": Filter(actions=("block",)),
        "two actions": Filter(actions=("shadow_block", "mask_flag")),
        "engine": Filter(engines=("velocity",)),
        "rule": Filter(rules=("blocklist.scam_3",)),
        "rule of any engine": Filter(rules=("drugs_7",)),
        "kind profile": Filter(kinds=("profile",)),
        "kinds video, image": Filter(kinds=("video", "image")),
        "tenant": Filter(tenants=("tenant-19",)),
        "user with very many": Filter(user="u-0"),
        "user with few": Filter(user="u-150000"),
        "conversation": Filter(conversation="4194304000"),
        "content": Filter(content="8388608000", status="all"),
        "language ja": Filter(languages=("ja",)),
        "policy market": Filter(policy="market"),
        "assigned to one": Filter(assigned="moderator-7"),
        "assigned to nobody": Filter(assigned="nobody"),
        "claimed by me": Filter(claimed="me"),
        "claimed by nobody": Filter(claimed="nobody"),
        "escalated": Filter(escalated=True),
        "not escalated": Filter(escalated=False),
        "of the last hour": Filter(since=now - 3_600_000),
        "older than half": Filter(until=middle),
        "text, a common word": Filter(text="the"),
        "text, two words": Filter(text="phone project"),
        "text, a rare word": Filter(text="6501"),
        "text, three common words": Filter(text="money the you"),
        "text, nothing has it": Filter(text="xyzzy"),
        "media": Filter(media=True),
        "media, label, tenant": Filter(media=True, labels=("hate_symbols",), tenants=("tenant-5",)),
        "label and severity": Filter(labels=("spam",), severities=("low",)),
        "label, engine, tenant": Filter(labels=("pii",), engines=("pii",), tenants=("tenant-2",)),
        "rare label and language": Filter(labels=("child_safety",), languages=("ja",)),
        "severity, tenant, action, kind": Filter(
            severities=("low",), tenants=("tenant-12",), actions=("shadow_block",), kinds=("comment",)
        ),
        "text and label": Filter(text="money", labels=("drugs",)),
        "closed": Filter(status="closed"),
        "closed, label": Filter(status="closed", labels=("violence",)),
        "closed, user": Filter(status="closed", user="u-3"),
        "closed, rare label and language": Filter(status="closed", labels=("terrorism",), languages=("ja",)),
        "all, text": Filter(status="all", text="money"),
        "all, user": Filter(status="all", user="u-1"),
    }
    scoped = {f"{name}, in {of}": (scope, Filter()) for name, scope, of in (("nothing", TENANT, "a tenant"),)}
    scoped["nothing, in two labels of two tenants"] = (LABELLED, Filter())
    scoped["severity low, in two labels of two tenants"] = (LABELLED, Filter(severities=("low",)))
    return {name: (EVERYTHING, each) for name, each in wanted.items()} | scoped


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="review_queue.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("database", help="URL of a store: sqlite:///FILE or postgresql://USER@HOST/NAME")
    parser.add_argument("--fill", type=int, default=0, metavar="ITEMS", help="make the tables and fill them first")
    parser.add_argument("--open", type=float, default=0.7, help="share of the items that are open (%(default)s)")
    parser.add_argument("--repeat", type=int, default=20, help="times that each page is asked for (%(default)s)")
    parser.add_argument("--only", help="filters whose name holds this")
    asked = parser.parse_args(arguments)
    database = Database(asked.database)
    if asked.fill:
        migrated(database)
        filled(database, asked.fill, open_share=asked.open)
        _settled(database)
    with database.reading() as connection:
        number = connection.execute(select(func.count()).select_from(item)).scalar_one()
        since, now = connection.execute(select(func.min(item.c.opened_at), func.max(item.c.opened_at))).one()
    about = {"database": database.dialect, "items": number}
    for line in measured(database, now, since, asked.repeat, asked.only):
        sys.stdout.write(json.dumps({**about, **line, "load": machine.load()}) + "\n")
        sys.stdout.flush()
    database.close()


def measured(database: Database, now: int, since: int, repeat: int, only: str | None) -> Iterator[dict[str, Any]]:
    """Yield what was measured; `now` and `since` are when the newest and the oldest item were opened."""
    all_pages: list[Took] = []
    for name, (scope, wanted) in filters(now, since).items():
        if only is not None and only not in name:
            continue
        rows: list[int] = []
        for kind, places in (("page", [None]), ("deep page", _places(database, wanted))):
            times = [
                _timed(database, _page(scope, wanted, now, place, rows)) for _ in range(repeat) for place in places
            ][: max(repeat, len(places))]
            all_pages += times
            yield {"what": kind, "filter": name, "rows": rows[-1] if rows else None, **_summary(times)}
    if only is not None:
        return
    yield {"what": "pages of all filters", **_summary(all_pages)}
    for name, scope in (("everything", EVERYTHING), ("a tenant", TENANT), ("labels", LABELLED)):
        times = [_timed(database, partial(counts, scope=scope)) for _ in range(repeat)]
        yield {"what": "counts", "scope": name, **_summary(times)}
    yield from _items(database, now, repeat * 5)
    yield from _next(database, now)


def _page(scope: Scope, wanted: Filter, now: int, place: Place | None, rows: list[int]) -> Work:
    cursor = None if place is None else written(wanted, place)
    return lambda connection: rows.append(len(page(connection, scope, wanted, cursor, LIMIT, ACCOUNT, now).rows))


def _places(database: Database, wanted: Filter) -> list[Place | None]:
    """Return places all over the queue, each that of an item."""
    draw = random.Random(wanted.status)  # noqa: S311 - the same every time is what is wanted
    with database.reading() as connection:
        highest = connection.execute(select(func.max(item.c.id))).scalar_one()
        ids = [draw.randrange(1, highest + 1) for _ in range(20)]
        columns = (item.c.id, item.c.open, item.c.harm, item.c.opened_at, item.c.closed_at)
        rows = connection.execute(select(*columns).where(item.c.id.in_(ids))).all()
    closed = wanted.status == "closed"
    return [
        Place(row.open, row.harm, row.closed_at if closed else row.opened_at, row.id)
        for row in rows
        if wanted.status == "all" or bool(row.open) != closed
    ]


def _items(database: Database, now: int, repeat: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(1)  # noqa: S311 - the same every time is what is wanted
    with database.reading() as connection:
        highest = connection.execute(select(func.max(item.c.id))).scalar_one()
        busy = connection.scalars(select(item.c.id).where(item.c.user_id == "u-0").limit(repeat)).all()
        media = connection.scalars(select(item.c.id).where(item.c.pictured == 1).limit(repeat)).all()
    anyone = [draw.randrange(1, highest + 1) for _ in range(repeat)]
    works: dict[str, Callable[[int], Work]] = {
        "item page": lambda id_: lambda connection: item_of(connection, EVERYTHING, id_, now),
        "similar items": lambda id_: lambda connection: similar(connection, EVERYTHING, id_),
        "conversation": lambda id_: lambda connection: conversation(connection, EVERYTHING, id_),
    }
    for name, work in works.items():
        for whose, ids in (("any", anyone), ("of the user with the most", busy), ("with pictures", media)):
            yield {"what": name, "items of": whose, **_summary([_timed(database, work(id_)) for id_ in ids])}


def _next(database: Database, now: int) -> Iterator[dict[str, Any]]:
    scams, media = Filter(labels=("scam",)), Filter(media=True)
    for name, wanted, looked in (
        ("nothing", Filter(), LOOKED),
        ("label", scams, LOOKED),
        ("media", media, LOOKED),
        ("nothing, without a pause", Filter(), 0.0),
    ):
        times, given = _moderated(database, wanted, now, looked)
        twice = len(given) - len(set(given))
        about = {"filter": name, "moderators": MODERATORS, "given": len(given), "given twice": twice}
        yield {"what": "next item", **about, **_summary([(each,) for each in times])}
        with database.writing() as connection:
            connection.execute(update(item).where(item.c.claimed_until > 0).values(claimed_until=0, claimed_by=None))


def _moderated(database: Database, wanted: Filter, now: int, looked: float) -> tuple[list[float], list[int | None]]:
    """Let moderators ask over and over, each on a connection of his own; return seconds, and what they got.

    Each looks at an item for up to `looked` seconds before he asks for the next one.
    """
    times: list[float] = []
    given: list[int | None] = []
    start = threading.Barrier(MODERATORS)

    def moderate(account: str) -> None:
        start.wait()
        for _ in range(ASKED):
            time.sleep(looked * random.random())  # noqa: S311 - no two look equally long
            begun = time.perf_counter()
            with database.writing() as connection:
                given.append(next_item(connection, EVERYTHING, wanted, account, LEASE, now))
            times.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=moderate, args=(f"moderator-{number}",)) for number in range(MODERATORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, given


def _timed(database: Database, work: Work) -> Took:
    """Return the time on the clock, and that of processors: what it would take on a machine that does nothing else."""
    begun = time.perf_counter()
    with database.reading() as connection:
        before = _processor_time(connection)
        work(connection)
        used = _processor_time(connection) - before
    return time.perf_counter() - begun, used


def _processor_time(connection: Connection) -> float:
    """Return seconds of processors that this thread, and the server's process that works for it, have used."""
    used = time.thread_time()
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        schedule = Path(f"/proc/{driver.info.backend_pid}/schedstat")
        used += int(schedule.read_text(encoding="ascii").split()[0]) / 1e9 if schedule.exists() else 0.0
    return used


def _summary(took: Sequence[Took | tuple[float]]) -> dict[str, Any]:
    found: dict[str, Any] = {"times": len(took)}
    for seconds, kind in zip(zip(*took, strict=True), ("", "cpu_"), strict=False):
        ordered = sorted(1000 * each for each in seconds)
        found[f"{kind}p50_ms"] = round(statistics.median(ordered), 1)
        found[f"{kind}p95_ms"] = round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1)
        found[f"{kind}max_ms"] = round(ordered[-1], 1)
    return found


def _settled(database: Database) -> None:
    """Do what the database does by itself in time: statistics, and on PostgreSQL which pages all may see."""
    with database.writing() as connection:
        if database.dialect == "sqlite":
            connection.execute(text("ANALYZE"))
            return
    engine = database._writing.execution_options(isolation_level="AUTOCOMMIT")  # noqa: SLF001
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    main(sys.argv[1:])
