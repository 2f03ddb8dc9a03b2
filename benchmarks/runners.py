"""The processes that are measured: the screen worker and the floors, each on a core of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.machine import on_cores

NAMES: Final = ("screen", "raw", "table", "consume")
TITLES: Final = {
    "screen": "screen worker: engines, windows, transactions",
    "raw": "raw aiokafka: consume, decode, produce",
    "table": "Faust `Table`: window of ten, no engines",
    "consume": "stock Faust: consume only",
}
PRINTED: Final = "progress: "  # what a floor without output prints at the end, before its points as JSON
ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE: Final = 15.0  # seconds that a stopped process has before it is killed


@dataclass(frozen=True)
class Runner:
    """How one of them is started, what it reads, and where its output goes."""

    name: str
    command: tuple[str, ...]
    source: str
    target: str  # no topic when it only consumes: then it prints its moments
    environment: Mapping[str, str] = field(default_factory=dict)


class Ended(RuntimeError):
    """A measured process ended by itself."""


@dataclass
class Running:
    """A started process, and the file that it prints to."""

    process: "subprocess.Popen[bytes]"
    output: Path
    started: float  # seconds since 1970

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    def check(self) -> None:
        """Raise Ended, with the last lines that it printed, when the process is no longer there."""
        code = self.process.poll()
        if code is not None:
            last = "\n".join(self.output.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
            raise Ended(f"exit code {code}; it printed last:\n{last}")


def screen(bootstrap: str, prefix: str, partitions: int, policy: Path) -> Runner:
    """Return the screen worker."""
    return worker("screen", bootstrap, prefix, partitions, policy, source="messages")


def worker(
    role: str,
    bootstrap: str,
    prefix: str,
    partitions: int,
    policy: Path,
    *,
    source: str,
    more: Mapping[str, str] | None = None,
) -> Runner:
    """Return the worker of a role as a user starts it, with nothing but its settings and `more` of the environment."""
    settings = {
        "MODERATION_BOOTSTRAP": bootstrap,
        "MODERATION_TOPIC_PREFIX": prefix,
        "MODERATION_PARTITIONS": str(partitions),
        "MODERATION_POLICY": str(policy),
        "MODERATION_LOG": "info",
        **(more or {}),
    }
    command = (sys.executable, "-m", "streams", "worker", "--role", role)
    return Runner(role, command, f"{prefix}{source}", f"{prefix}actions", settings)


def floor(name: str, bootstrap: str, prefix: str, partitions: int, messages: int) -> Runner:
    """Return one of the floors over the same source."""
    source, target = f"{prefix}messages", "" if name == "consume" else f"{prefix}{name}-actions"
    command = [sys.executable, "-m", "benchmarks.floors", name, "--bootstrap", bootstrap, "--name", f"{prefix}{name}"]
    command += ["--source", source, "--target", target, "--partitions", str(partitions), "--messages", str(messages)]
    return Runner(name, tuple(command), source, target)


@contextmanager
def running(runner: Runner, cores: list[int], folder: Path) -> Iterator[Running]:
    """Start a process on some cores; stop it at the end of the block, politely first."""
    output = folder / f"{runner.source}-{runner.name}.out"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MODERATION_")}
    with output.open("wb") as file, on_cores(cores):
        process = subprocess.Popen(
            runner.command,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder,  # Faust makes a folder for its data where it is started
            env={**environment, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), **runner.environment},
        )
    try:
        yield Running(process, output, time.time())
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
