"""Child processes and their ports."""

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.embedded.failure import SetUpError
from streams.embedded.processes import PORTS, Child, free_ports, is_free, last_lines, listens
from tests.waiting import is_gone, until

SLEEPER = ["/bin/sh", "-c", "echo ready; exec sleep 60"]
STUBBORN = ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return where a child writes."""
    return tmp_path / "child.log"


@pytest.fixture
def listener() -> Iterator[int]:
    """Yield a port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def started(command: list[str], log: Path) -> Child:
    child = Child(command, log)
    child.await_answer("the test", lambda _: "ready" in log.read_text(), 10)
    return child


def test_a_child_that_is_asked_ends_by_the_signal(log: Path) -> None:
    child = started(SLEEPER, log)
    assert child.ended is None
    child.stop(10)
    assert child.ended == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_after_the_grace(log: Path) -> None:
    child = started(STUBBORN, log)
    child.stop(0.1)
    assert child.ended == -signal.SIGKILL


def test_a_killed_child_leaves_no_process(log: Path) -> None:
    child = started(SLEEPER, log)
    pid = child.pid
    child.kill()
    assert is_gone(pid)
    until(lambda: not group_lives(pid), 5)


def test_stopping_twice_does_no_harm(log: Path) -> None:
    child = started(SLEEPER, log)
    child.stop(10)
    child.stop(10)
    assert child.ended == -signal.SIGTERM


def test_ctrl_c_in_the_terminal_does_not_reach_the_child(log: Path) -> None:
    child = started(SLEEPER, log)
    try:
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
        assert os.getsid(child.pid) != os.getsid(0)
    finally:
        child.kill()


def test_a_child_does_not_outlive_a_parent_that_is_killed(log: Path) -> None:
    script = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from streams.embedded.processes import Child\n"
        "child = Child(['/bin/sleep', '60'], Path(sys.argv[1]))\n"
        "print(child.pid, flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, log], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.kill()
    until(lambda: is_gone(pid), 5)


def test_a_child_that_ends_before_it_answers_is_quoted(log: Path) -> None:
    child = Child(["/bin/sh", "-c", "echo first; echo '\tat a.stack.frame'; echo last; exit 3"], log)
    with pytest.raises(SetUpError, match=r"^the test ended with 3 before it answered: first \| last$"):
        child.await_answer("the test", lambda _: False, 10)


def test_a_child_that_is_late_is_killed_and_quoted(log: Path) -> None:
    child = started(SLEEPER, log)
    with pytest.raises(SetUpError, match=r"^the test did not answer within 0 s: ready$"):
        child.await_answer("the test", lambda _: False, 0.1)
    assert is_gone(child.pid)


def test_an_interrupted_start_leaves_no_process(log: Path) -> None:
    child = started(SLEEPER, log)

    def interrupted(_: float) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.await_answer("the test", interrupted, 10)
    assert is_gone(child.pid)


def test_a_silent_log_is_said(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "absent.log") == "it said nothing"


def test_ports_are_free_different_and_below_the_ephemeral_ones() -> None:
    ports = free_ports(5, chance=random.Random(1))
    assert len(set(ports)) == 5
    assert all(port in PORTS and port < 32_768 and is_free(port) for port in ports)


def test_a_taken_port_is_not_chosen(listener: int) -> None:
    assert not is_free(listener)
    assert listens(listener)
    with pytest.raises(SetUpError, match=r"fewer than 1 of 1 loopback ports are free"):
        free_ports(1, [listener])


def group_lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True
