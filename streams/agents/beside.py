"""Beside: work in, its result out; done in the worker's loop, or in one thread beside it where an engine is slow."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from streams.core.engine import Engine

T = TypeVar("T")

# A slice of 128 texts takes a neural network half a second. An engine that hangs ends the process, nothing is written.
LONGEST: Final = 60.0  # seconds


def slow(engines: Sequence[Engine]) -> bool:
    """Say whether any engine takes milliseconds for a text, and so would hold up the loop and its heartbeats."""
    return any(getattr(engine, "slow", False) for engine in engines)


class Beside:
    """Runs one piece of work after the other. Engines for which nothing is slow pay for no thread."""

    def __init__(self, engines: Sequence[Engine], longest: float = LONGEST) -> None:
        self._longest = longest
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="screen") if slow(engines) else None

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what the work returns; raise what it raises, TimeoutError when it takes longer than `longest`."""
        if self._thread is None:
            return work()
        async with asyncio.timeout(self._longest):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
