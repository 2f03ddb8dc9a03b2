"""The machine and the versions that a measurement was made with, and which core does what."""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = ("moderation-streams", "faust-streaming", "aiokafka", "msgspec", "uvloop", "confluent-kafka")
ENOUGH: Final = 4  # cores
CAN_PIN: Final = hasattr(os, "sched_setaffinity")


def described() -> dict[str, Any]:
    """Return versions, processor and cores."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _processor(),
        "cores": len(cores()),
    }


def load() -> list[float]:
    """Return the load average over 1, 5 and 15 minutes."""
    return [round(average, 2) for average in os.getloadavg()]


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or sys.platform


def cores() -> list[int]:
    """Return the numbers of the cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if CAN_PIN else list(range(os.cpu_count() or 1))


@contextmanager
def on_cores(numbers: list[int]) -> Iterator[None]:
    """Run the block, and what it starts, on some cores; everywhere where the system cannot pin."""
    if not CAN_PIN:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, numbers)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def shared_out() -> tuple[list[int], list[int]]:
    """Return the core of the measured process, and the cores of the broker, the generator and the observer.

    With fewer than four cores nobody gets one of his own: what is left would be too little for a broker that commits
    hundreds of transactions a second, and the worker would be measured waiting for it.
    """
    numbers = cores()
    return ([numbers[0]], numbers[1:]) if len(numbers) >= ENOUGH else (numbers, numbers)
