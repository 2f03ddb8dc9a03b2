"""Beside: work in, its result out; done in the worker's loop, or in one thread beside it where an engine is slow."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from streams.core.panel import Panels

T = TypeVar("T")

# A slice of 128 texts takes a neural network half a second. An engine that hangs ends the process, nothing is written.
LONGEST: Final = 60.0  # seconds


def slow(panels: Panels) -> bool:
    """Say whether any engine takes milliseconds for a text, and so would hold up the loop and its heartbeats."""
    return any(getattr(engine, "slow", False) for panel in panels.every for engine in panel.engines)


class Beside:
    """Runs one piece of work after the other. Where nothing is slow there is no thread."""

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._thread: ThreadPoolExecutor | None = None

    async def __call__(self, panels: Panels, work: Callable[[], T]) -> T:
        """Return what the work, which judges by these policies, returns.

        Raises what it raises, and TimeoutError when it takes longer than `longest`.
        """
        if not slow(panels):
            return work()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="screen")
        async with asyncio.timeout(self._longest):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
