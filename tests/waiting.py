"""Wait for what another process does."""

import time
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return as soon as the condition holds; fail the test when it does not within the given time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not come true within {seconds} s"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for yet has ended, too."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
