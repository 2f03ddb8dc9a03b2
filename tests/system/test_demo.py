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

from streams.core.action import ACTIONS
from tests.waiting import is_gone, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SEND = {
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
        printed = list(running.lines())
        assert running.process.wait(60) == 0, running.told()
        summary = printed[-1]["summary"]
        decisions = printed[:-1]
        assert set(Counter(line["content_id"] for line in decisions).values()) == {1}
        assert Counter(line["kind"] for line in decisions)["image"] == 30
        assert {line["action"] for line in decisions} == set(ACTIONS)
        assert {
            "inputs": 270,
            "decisions": 270,
            "missing": 0,
            "doubles": 0,
            "dead_letters": 2,
        }.items() <= summary.items()
        assert len(running.family) >= 7  # Kafka, S3, the supervisor, four workers
        until(lambda: not running.left())
        assert list(temporary.glob("moderation-*")) in ([], [temporary / "moderation-streams"])


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGINT, 10), (signal.SIGTERM, 0)], ids=["while judging", "while starting"]
)
def test_a_signal_in_the_middle_stops_it_and_nothing_is_left(temporary: Path, number: int, after: int) -> None:
    with demonstration(temporary, "--messages", "100") as running:
        if after:
            for seen, _ in enumerate(running.lines(), 1):
                if seen == after:
                    break
        else:
            until(lambda: "S3 is up" in running.told(), 60)
            running.look()
        running.process.send_signal(number)
        running.process.send_signal(number)  # an impatient user
        for _ in running.out:  # a full pipe would hold it up
            pass
        assert running.process.wait(60) == 130
        assert "Traceback" not in running.told()
        assert running.family
        until(lambda: not running.left())
        assert list(temporary.glob("moderation-*")) in ([], [temporary / "moderation-streams"])


def test_it_goes_on_for_other_terminals_and_leaves_nothing_even_when_killed(temporary: Path) -> None:
    with demonstration(temporary, "--messages", "10") as running:
        environment = next(line["environment"] for line in running.lines() if "environment" in line)

        def ran(*arguments: str, stdin: str = "") -> str:
            command = [sys.executable, "-m", "streams", *arguments]
            # S603 and S607: the program under test
            return subprocess.run(
                command, input=stdin, check=True, capture_output=True, text=True, env={**os.environ, **environment}
            ).stdout

        sent = json.loads(ran("send", "--json", stdin=json.dumps(SEND) + "\n"))
        assert (sent["topic"], sent["sent"], sent["invalid"]) == ("messages", 1, 0)
        decision = next(line for line in running.lines() if line["content_id"] == SEND["content_id"])
        assert decision["action"] == "mask_flag"
        seen = [json.loads(line) for line in ran("watch", "--from-beginning", "--json", "--limit", "41").splitlines()]
        assert decision in seen
        table = ran("watch", "--from-beginning", "--limit", "41")
        assert "mask_flag     message  from-another-terminal" in table
        assert "555-201" not in table
        running.process.kill()
        until(lambda: not running.left())
