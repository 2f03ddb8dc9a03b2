"""Child processes that never outlive us, even when we are killed with SIGKILL; and loopback ports for them."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.embedded.failure import SetUpError

LOOPBACK: Final = "127.0.0.1"
# Below Linux' ephemeral ports (32768 and up): there, a reconnecting client could take the port of a stopped server.
PORTS: Final = range(15_000, 32_768)
POLL: Final = 0.02  # seconds between two looks at a process that starts
KILL_SECONDS: Final = 10.0

# The shell becomes the program, so its pid is the program's. Before, it leaves a watcher in its process group, which
# reads a pipe whose other end only we hold: when we are gone, however we went, it reads the end and kills the group.
# The group's id cannot be given to anybody else as long as the watcher is in it.
GUARD: Final = 'exec 3<&0; (read -r _ <&3; kill -KILL 0) & exec "$@" </dev/null 3<&-'


class Child:
    """A running program, in a session of its own: Ctrl-C in the terminal reaches us first."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start `command`; its output is appended to `log`. Raises SetUpError when there is no shell."""
        self.log = log
        with log.open("ab") as output:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                    ["/bin/sh", "-c", GUARD, "sh", *command],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=None if environment is None else dict(environment),
                    start_new_session=True,
                )
            except OSError as error:
                raise SetUpError(f"cannot start {command[0]}: {error.strerror}") from error

    @property
    def pid(self) -> int:
        """Return the program's process id."""
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Return the exit code, negative for a signal; None while the program runs."""
        return self._process.poll()

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the program's end and return its exit code; raises TimeoutError."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"process {self.pid} still runs after {seconds} s") from None

    def stop(self, grace: float) -> None:
        """Ask the program to end (SIGTERM), and kill it after `grace` seconds. Nothing is left of it afterwards."""
        try:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                self.wait(grace)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the program and its watcher at once (SIGKILL)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait(KILL_SECONDS)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def await_answer(self, name: str, answers: Callable[[float], bool], seconds: float) -> None:
        """Return when `answers(seconds left)` is true. A program that ends or is late is killed; raises SetUpError."""
        deadline = time.monotonic() + seconds
        try:
            while not answers(max(deadline - time.monotonic(), POLL)):
                self._still_starts(name, deadline, seconds)
                time.sleep(POLL)
        except BaseException:  # Ctrl-C, too, leaves nothing behind
            self.kill()
            raise

    def _still_starts(self, name: str, deadline: float, seconds: float) -> None:
        if self.ended is not None:
            raise SetUpError(f"{name} ended with {self.ended} before it answered: {self.last_words()}")
        if time.monotonic() > deadline:
            raise SetUpError(f"{name} did not answer within {seconds:.0f} s: {self.last_words()}")

    def last_words(self, lines: int = 3) -> str:
        """Return the last lines of the program's output as one line."""
        return last_lines(self.log, lines)


def last_lines(path: Path, lines: int = 3) -> str:
    """Return the last lines of a log file as one line; stack frames are left out."""
    said = path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []
    telling = [line.strip() for line in said if line.strip() and not line.startswith(("\t", "    "))]
    return " | ".join(telling[-lines:]) or "it said nothing"


def listens(port: int) -> bool:
    """Tell whether somebody accepts connections on a loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def free_ports(count: int, candidates: Sequence[int] = PORTS, *, chance: random.Random | None = None) -> list[int]:
    """Return `count` different free loopback ports of the candidates, by chance. Raises SetUpError without enough."""
    chance = chance or random.SystemRandom()
    free: list[int] = []
    for port in chance.sample(candidates, len(candidates)):
        if len(free) == count:
            break
        if is_free(port):
            free.append(port)
    if len(free) < count:
        raise SetUpError(f"fewer than {count} of {len(candidates)} loopback ports are free: name one with --port")
    return free


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
