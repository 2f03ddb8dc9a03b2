"""`moderation demo`, `send` and `watch` as a new user runs them: everything is judged, and nothing is left."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil  # type: ignore[import-untyped]
import pytest

from streams.core.action import ACTIONS, RETURNED_FIRST
from tests.waiting import is_gone, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SENT: dict[str, Any] = {
    "content_id": "from-another-terminal",
    "kind": "message",
    "user": {"id": "me"},
    "text": "call me at 555-201-4477",
    "created_at": "2026-01-31T12:00:00Z",
    "conversation_id": "mine",
}


class Running:
    """A demonstration with its lines of JSON; `temporary` is where its files lie."""

    def __init__(self, temporary: Path, *arguments: str) -> None:
        self.temporary = temporary
        self.steps = (temporary.parent / "steps.txt").open("w+")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MODERATION_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streams", "demo", "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=self.steps,
            env={**environment, "TMPDIR": str(temporary)},
            text=True,
        )
        self.family: dict[int, str] = {}

    @property
    def out(self) -> IO[str]:
        """Return what it prints."""
        assert self.process.stdout is not None
        return self.process.stdout

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what it prints until it ends."""
        for line in self.out:
            self.look()
            yield json.loads(line)

    def look(self) -> None:
        """Note the processes that run now."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self.family[child.pid] = child.name()

    def told(self) -> str:
        """Return the steps that it told."""
        self.steps.seek(0)
        return self.steps.read()

    def left(self) -> dict[int, str]:
        """Return which of the processes that were seen still run."""
        return {pid: name for pid, name in self.family.items() if not is_gone(pid)}


def remains(temporary: Path) -> list[Path]:
    """Return which files are left; Faust's own empty folder is none."""
    return [path for path in temporary.rglob("*") if path.is_file()]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return an empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def demonstration(temporary: Path, *arguments: str) -> Iterator[Running]:
    """Run a demonstration, and end it whatever happens."""
    running = Running(temporary, *arguments)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait(10)
        running.out.close()
        running.steps.close()


def test_every_input_of_the_sample_has_one_decision_and_every_action_occurs(temporary: Path) -> None:
    with demonstration(temporary, "--exit-after-sample") as running:
        _, *printed = running.lines()  # first how to reach it
        assert running.process.wait(60) == 0, running.told()
        summary = printed[-1]["summary"]
        decisions = printed[:-1]
        assert set(Counter(line["content_id"] for line in decisions).values()) == {1}
        assert Counter(line["kind"] for line in decisions)["image"] == 30
        assert {line["action"] for line in decisions} == set(ACTIONS) - RETURNED_FIRST
        assert {
            "inputs": 270,
            "decisions": 270,
            "missing": 0,
            "doubles": 0,
            "dead_letters": 2,
        }.items() <= summary.items()
        assert len(running.family) >= 7  # Kafka, S3, the supervisor, four workers
        until(lambda: not running.left())
        assert remains(temporary) == []


@pytest.mark.faults  # a second start of everything, half a minute
def test_other_terminals_feed_and_watch_it_and_ctrl_c_in_the_middle_leaves_nothing(temporary: Path) -> None:
    with demonstration(temporary, "--messages", "5000") as running:
        printed = running.lines()
        environment = next(printed)["environment"]

        def ran(*arguments: str, stdin: str = "") -> str:
            command = [sys.executable, "-m", "streams", *arguments]
            return subprocess.run(
                command, input=stdin, check=True, capture_output=True, text=True, env={**os.environ, **environment}
            ).stdout

        sent = json.loads(ran("send", "--json", stdin=json.dumps(SENT) + "\n"))
        assert (sent["topic"], sent["sent"], sent["invalid"]) == ("messages", 1, 0)
        decision = next(line for line in printed if line["content_id"] == SENT["content_id"])
        assert decision["action"] == "mask_flag"
        seen = [json.loads(line) for line in ran("watch", "--from-beginning", "--json", "--limit", "3").splitlines()]
        assert [line["revision"] for line in seen] == [0, 0, 0]
        heading, *table = ran("watch", "--limit", "2").splitlines()
        assert heading.startswith("decided at")
        assert len(table) == 2
        until(lambda: "the review pages are at" in running.told(), 60)
        environment["MODERATION_REVIEW_TOKEN"] = json.loads(
            ran("review", "token", "mine", "--account", "admin", "--json")
        )["token"]
        item = json.loads(ran("review", "show", SENT["content_id"], "--json"))
        assert (item["text"], item["row"]["action"]) == (SENT["text"], "mask_flag")
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGINT)  # an impatient user
        assert all("summary" not in line for line in printed)
        assert running.process.wait(60) == 130
        assert "Traceback" not in running.told()
        assert len(running.family) >= 7
        until(lambda: not running.left())
        assert remains(temporary) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 130), (signal.SIGKILL, -9)], ids=["SIGTERM", "SIGKILL"])
def test_a_signal_while_it_starts_leaves_no_process(temporary: Path, number: int, code: int) -> None:
    with demonstration(temporary) as running:
        until(lambda: "moto stands in for S3" in running.told(), 60)
        running.look()
        running.process.send_signal(number)
        assert running.process.wait(60) == code
        assert "Traceback" not in running.told()
        assert running.family
        until(lambda: not running.left())
        assert remains(temporary) == [] or number == signal.SIGKILL
