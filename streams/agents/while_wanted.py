"""Work that the policies ask for: what is wanted now in, each of it done until it is wanted no more."""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from typing import Final, Generic, TypeVar

EVERY: Final = 1.0  # seconds between two looks at what is wanted
ENDING: Final = 30.0  # seconds for one work to end when it is told to

K = TypeVar("K")


class WhileWanted(Generic[K]):
    """Runs until cancelled; what one work raises, it raises."""

    def __init__(
        self, wanted: Callable[[], AbstractSet[K]], work: Callable[[K], Awaitable[None]], every: float = EVERY
    ) -> None:
        """Take what returns all that is wanted now, and what does one of it until cancelled."""
        self.wanted = wanted
        self._work = work
        self._every = every
        self._running: dict[K, asyncio.Task[None]] = {}

    async def __call__(self) -> None:
        """Begin and end works as they are wanted."""
        try:
            while True:
                wanted = self.wanted()
                for key in self._running.keys() - wanted:
                    await _ended([self._running.pop(key)])
                for key in wanted - self._running.keys():
                    self._running[key] = asyncio.ensure_future(self._work(key))
                if not self._running:
                    await asyncio.sleep(self._every)
                    continue
                done, _ = await asyncio.wait(
                    self._running.values(), timeout=self._every, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    task.result()
                    raise RuntimeError("work that was wanted has ended by itself")
        finally:
            await _ended(list(self._running.values()))
            self._running.clear()


async def _ended(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=ENDING)
