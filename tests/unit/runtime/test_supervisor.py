import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.runtime.crash import CRASHED, MISCONFIGURED, POISONED
from tests.waiting import is_gone, until

# Each child writes a line with its process id when it has begun.
BEGIN = "import os, sys, time; print(os.getpid(), time.monotonic(), file=open({path!r}, 'a'), flush=True); "

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    """Return the file in which children write that they began."""
    return tmp_path / "starts"


@pytest.fixture
def start(root: Path, starts: Path) -> Iterator[Start]:
    """Yield a function that starts a supervisor over a child that runs some Python."""
    running: list[subprocess.Popen[str]] = []

    def run(child: str, grace: float = 5.0) -> subprocess.Popen[str]:
        script = str(Path(__file__).parent / "supervised.py")
        code = BEGIN.format(path=str(starts)) + child
        command = [sys.executable, script, str(grace), sys.executable, "-c", code]
        environment = os.environ | {"PYTHONPATH": str(root)}
        running.append(
            subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)
        )
        return running[-1]

    yield run
    for supervisor in running:
        if supervisor.poll() is None:
            supervisor.terminate()
        supervisor.communicate(timeout=20)
        assert all(is_gone(pid) for pid, _ in begun(starts))


def begun(starts: Path) -> list[tuple[int, float]]:
    """Return process id and time of each start so far."""
    if not starts.exists():
        return []
    lines = [line.split() for line in starts.read_text().splitlines()]
    return [(int(line[0]), float(line[1])) for line in lines if len(line) == 2]


def test_a_child_that_crashes_starts_again_later_and_later(start: Start, starts: Path) -> None:
    start(f"sys.exit({CRASHED})")
    until(lambda: len(begun(starts)) >= 3)
    first, second, third = (at for _, at in begun(starts)[:3])
    assert second - first >= 0.2
    assert third - second >= 0.4
    assert third - second > second - first


def test_a_child_that_was_killed_starts_again(start: Start, starts: Path) -> None:
    start("time.sleep(60)")
    until(lambda: len(begun(starts)) == 1)
    os.kill(begun(starts)[0][0], signal.SIGKILL)
    until(lambda: len(begun(starts)) == 2)
    assert begun(starts)[0][0] != begun(starts)[1][0]


@pytest.mark.parametrize("code", [POISONED, MISCONFIGURED])
def test_after_a_hopeless_code_nothing_is_started_again(start: Start, starts: Path, code: int) -> None:
    supervisor = start(f"sys.exit({code})")
    assert supervisor.wait(20) == code
    assert len(begun(starts)) == 1


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_stops_its_child_and_ends_well(start: Start, starts: Path, word: signal.Signals) -> None:
    supervisor = start("time.sleep(60)")
    until(lambda: len(begun(starts)) == 1)
    supervisor.send_signal(word)
    assert supervisor.wait(20) == 0
    assert is_gone(begun(starts)[0][0])


def test_a_child_that_does_not_stop_is_killed_after_the_grace(start: Start, starts: Path) -> None:
    supervisor = start(
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"open({str(starts) + '.deaf'!r}, 'w').close(); time.sleep(60)",
        grace=0.5,
    )
    until(lambda: Path(f"{starts}.deaf").exists())
    told = time.monotonic()
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert time.monotonic() - told >= 0.5
    assert is_gone(begun(starts)[0][0])
    assert supervisor.stderr is not None
    assert "did not stop in time: killed" in supervisor.stderr.read()


def test_a_child_that_takes_its_time_within_the_grace_is_not_killed(start: Start, starts: Path) -> None:
    done = Path(f"{starts}.done")
    supervisor = start(
        "import signal; "
        f"signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), open({str(done)!r}, 'w').close(), sys.exit(0))); "
        f"open({str(starts) + '.heard'!r}, 'w').close(); time.sleep(60)"
    )
    until(lambda: Path(f"{starts}.heard").exists())
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert done.exists()
