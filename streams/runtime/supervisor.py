"""A supervisor: child processes in, kept running; those that crash start again, later and later."""

import logging
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from streams.runtime.crash import MISCONFIGURED, POISONED

FIRST_WAIT: Final = 0.2  # seconds before the first new start
LONGEST_WAIT: Final = 30.0  # seconds
STEADY: Final = 30.0  # seconds of life after which the waits begin anew
HOPELESS: Final = frozenset({POISONED, MISCONFIGURED})  # exit codes after which a new start does not help
LOOK: Final = 0.1  # seconds between two looks at the children

log = logging.getLogger(__name__)


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT  # seconds before the next new start
    again: float = 0.0  # when to start next, monotonic
    gave_up: int | None = field(default=None)  # exit code after which it was not started again


class Supervisor:
    """Keeps children running until it is told to stop; `run` returns the exit code for this process."""

    def __init__(self, children: Sequence[Child], grace: float) -> None:
        self.children = children
        self._grace = grace  # seconds between SIGTERM and SIGKILL
        self._stop = Event()

    def run(self) -> int:
        """Run until SIGINT or SIGTERM, or until a child ends with a code after which a new start does not help."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        try:
            while not self._stop.is_set():
                for child in self.children:
                    self._look_after(child)
                hopeless = next((c for c in self.children if c.gave_up is not None), None)
                if hopeless is not None:
                    log.error("%s ended with code %s: stopping", hopeless.name, hopeless.gave_up)
                    return hopeless.gave_up or 1
                self._stop.wait(LOOK)
            return 0
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask every child to stop, kill what has not stopped within the grace."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + self._grace
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %d did not stop in time: killed", process.pid)
                process.kill()
                process.wait()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.again:
                child.process = subprocess.Popen(  # noqa: S603  the command is our own
                    child.command, env=dict(child.environment), stdin=subprocess.DEVNULL
                )
                child.started = now
            return
        code = child.process.poll()
        if code is None:
            return
        child.process = None
        if code in HOPELESS:
            child.gave_up = code
            return
        if now - child.started > STEADY:
            child.wait = FIRST_WAIT
        child.again = now + child.wait
        log.warning("%s ended with code %d: starts again in %.1f s", child.name, code, child.wait)
        child.wait = min(child.wait * 2, LONGEST_WAIT)
