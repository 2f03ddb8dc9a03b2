"""Workers as processes: started, killed, stopped and woken by pid, kept running by a supervisor that counts."""

import http.client
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.embedded.processes import LOOPBACK, Child, free_ports

READY_SECONDS: Final = 60.0  # two or three on a quiet machine
POLL: Final = 0.05
BACK_OFF: Final = 0.2  # seconds before a worker that ended is started again
HOPELESS: Final = 5  # ends of a worker that is waited for
GRACE: Final = 15.0
ROOT: Final = Path(__file__).resolve().parents[2]


class Worker:
    """One worker slot: its process is started again whenever it ends, until `close`.

    A slot, not a process: `pid` changes, `ends` grows by one exit code for each process that ended.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it. `environment` is all that the process sees of ours."""
        (port,) = free_ports(1)
        self.name = name
        self.log = log
        self.ends: list[int] = []
        self._command = tuple(command)
        ports = ("MODERATION_METRICS_PORT", "MODERATION_REVIEW_PORT")  # a process listens on one of them
        self._environment = {**environment, **dict.fromkeys(ports, str(port))}
        self._port = port
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._child = self._started()
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of {log.stem}")
        self._keeper.start()

    @property
    def pid(self) -> int:
        """Return the process id of the worker that runs now."""
        with self._lock:
            return self._child.pid

    @property
    def address(self) -> str:
        """Return where it answers HTTP."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def left(self) -> bool:
        """Say whether the slot is closed: nothing is started in it any more."""
        return self._closing.is_set()

    @property
    def restarts(self) -> int:
        """Return how often the worker was started again."""
        with self._lock:
            return len(self.ends)

    def kill(self) -> float:
        """End it with SIGKILL; return the moment, time.monotonic(). It is started again."""
        os.kill(self.pid, signal.SIGKILL)
        return time.monotonic()

    def pause(self) -> int:
        """Stop it with SIGSTOP; return the pid, to be woken."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        return pid

    def leave(self) -> int:
        """Ask it to end (SIGTERM), do not start it again, and return its exit code."""
        self._closing.set()
        self._keeper.join()
        with self._lock:
            self._child.stop(GRACE)
            return self._child.ended or 0

    def close(self) -> None:
        """End it at once, for good; does nothing when it has left."""
        self._closing.set()
        self._keeper.join()
        with self._lock:
            self._child.kill()

    def await_restart(self, ends: int, seconds: float = READY_SECONDS) -> None:
        """Return when so many processes have ended in this slot and the next one runs; raise TimeoutError."""
        deadline = time.monotonic() + seconds
        while self.restarts < ends:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.log.stem} did not end {ends} times")
            time.sleep(POLL)

    def await_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when /readyz answers 200; raise TimeoutError with the last words of the log.

        It is raised at once when the worker has ended several times: it will not come up.
        """
        deadline, ends = time.monotonic() + seconds, self.restarts
        while not self.ready:
            if time.monotonic() > deadline or self.restarts > ends + HOPELESS:
                raise TimeoutError(f"{self.log.stem} is not ready: {self._child.last_words(5)}")
            time.sleep(POLL)

    def _started(self) -> Child:
        return Child(self._command, self.log, self._environment)

    def _keep(self) -> None:
        """Start the process again whenever it ends."""
        while not self._closing.wait(POLL):
            with self._lock:
                ended = self._child.ended
            if ended is None or self._closing.wait(BACK_OFF):
                continue
            with self._lock:
                self.ends.append(ended)
                self._child.kill()  # what it left in its process group
                self._child = self._started()

    @property
    def ready(self) -> bool:
        """Say whether /readyz answers 200."""
        try:
            return self._got("/readyz")[0] == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def metrics(self) -> str:
        """Return the page of metrics of the process that runs now; raise OSError where it does not answer."""
        return self._got("/metrics")[1].decode()

    def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels, 0 where it has no sample yet."""
        lines = (line.rpartition(" ") for line in self.metrics().splitlines() if not line.startswith("#"))
        return sum(float(value) for series, _, value in lines if series.partition("{")[0] == name)

    def _got(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=2.0)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def wake(pid: int) -> None:
    """Let a stopped process go on (SIGCONT)."""
    os.kill(pid, signal.SIGCONT)


def environment(**settings: object) -> dict[str, str]:
    """Return a worker's environment: the given settings as MODERATION_*, and little else of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **{f"MODERATION_{name.upper()}": str(value) for name, value in settings.items()},
    }


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs a Python file or module with the interpreter of the tests."""
    return (sys.executable, *arguments)
