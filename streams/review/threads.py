"""Parts that run in threads until a stop. Crash only: one that ends, ends all; nothing is half alive."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import NamedTuple

log = logging.getLogger(__name__)


class Part(NamedTuple):
    """What runs in a thread of its own, until the event is set."""

    name: str
    run: Callable[[Event], None]


class Threads:
    """All parts of a process."""

    def __init__(self, parts: Sequence[Part], stopping: Event) -> None:
        """Take the parts, and the event that stops them; nothing runs yet."""
        self.stopping = stopping
        self.failed: tuple[str, BaseException] | None = None  # the first part that ended, and why
        self._threads = [Thread(target=self._run, args=[part], name=part.name, daemon=True) for part in parts]

    def start(self) -> None:
        """Start every part."""
        for thread in self._threads:
            thread.start()

    def join(self, grace: float) -> bool:
        """Wait for all parts, `grace` seconds together; say whether all have ended."""
        until = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        slow = [thread.name for thread in self._threads if thread.is_alive()]
        if slow:
            log.warning("cut off after %.1f s: %s", grace, ", ".join(slow))
        return not slow

    def _run(self, part: Part) -> None:
        try:
            part.run(self.stopping)
            if not self.stopping.is_set():
                raise RuntimeError(f"{part.name} ended by itself")  # noqa: TRY301  handled as any other end
        except BaseException as error:  # noqa: BLE001  whoever waits ends the process
            self.failed = self.failed or (part.name, error)
            self.stopping.set()
