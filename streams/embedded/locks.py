"""A lock between processes."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from streams.embedded.failure import SetUpError

POLL: Final = 0.1  # seconds between two tries


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock that a file stands for; the kernel drops it when its holder dies.

    Waits for at most `seconds`, then raises SetUpError.
    """
    deadline = time.monotonic() + seconds
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SetUpError(f"another process has held {path} for {seconds:.0f} s: end it") from None
                time.sleep(POLL)
        yield
