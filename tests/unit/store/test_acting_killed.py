"""Whoever acts is killed in the middle of it, again and again, and does it again: nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import IO

import pytest

from streams.core.audit import body_read
from streams.core.ruling import Ruling
from streams.store.checking import checked
from streams.store.database import Database
from streams.store.tables import audit, item, ruling
from streams.store.tables import note as notes
from tests.unit.store.acting_worker import BULK
from tests.unit.store.acts import opened, rows, sent
from tests.unit.store.records import decision

WORKERS = ("kim", "lea")
AGAIN = 3  # acts that were told done and are done again after a kill


@contextmanager
def worker(url: str, name: str, root: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """Run a worker; give what it reads and what it says."""
    command = [sys.executable, "-m", "tests.unit.store.acting_worker", url, name]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()
        process.wait(timeout=30)


def killed(url: str, name: str, root: Path, kills: int) -> int:
    """Kill a worker at random moments; return the number of the last act that it said was done."""
    chance, last = Random(name), 0
    with worker(url, name, root) as (stdin, stdout):
        for _ in range(kills):
            stdin.write(f"{max(1, last + 1 - AGAIN)}\n")
            stdin.flush()
            child = int(stdout.readline().removeprefix("pid "))
            said = [stdout.readline()]  # one act is done, so that it gets anywhere
            time.sleep(chance.uniform(0, 0.05))  # the moment of the kill is chance
            os.kill(child, signal.SIGKILL)
            said += iter(stdout.readline, "ended\n")
            last = max(last, *(int(line.removeprefix("done ")) for line in said))
    return last


# Of each worker; the second is a long run.
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.faults)])
def test_nothing_is_lost_or_doubled_when_it_is_killed(
    database: Database, database_url: str, root: Path, kills: int
) -> None:
    opened(database, *(decision(f"m{number}") for number in range(5)))

    with ThreadPoolExecutor(len(WORKERS)) as pool:
        last = dict(zip(WORKERS, pool.map(lambda name: killed(database_url, name, root, kills), WORKERS), strict=True))

    ids = {row.id for row in rows(database, ruling)}
    acts = Counter(name.split(":")[0] for name in ids)
    for name, number in last.items():
        done = {f"{name}-{each}" for each in range(1, number + 1)}
        begun = f"{name}-{number + 1}"  # it may have been killed before it could say so
        assert done <= {each for each in acts if each.startswith(name)} <= done | {begun}
        assert all(acts[each] == (2 if int(each.split("-")[1]) % BULK == 0 else 1) for each in done)
        assert {f"noted {each}" for each in done} <= {row.text for row in rows(database, notes)}
    assert Counter(one.ruling_id for one in sent(database) if isinstance(one, Ruling)) == Counter(ids)
    bodies = [body_read(row.body) for row in rows(database, audit)]
    assert Counter(body.id for body in bodies) == Counter([*ids, *(f"n-{each}" for each in acts)])
    assert len(rows(database, notes)) == len(acts)
    for row in rows(database, item):
        own = sorted(body.version or 0 for body in bodies if body.item_id == row.id)
        assert own == list(range(2, row.version + 1))
    with database.reading() as connection:
        found = checked(connection, "acts", ())
    assert (found.broken, found.records) == (None, len(bodies))
