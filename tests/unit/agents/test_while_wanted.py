"""Works that policies ask for begin and end with them."""

import asyncio

import pytest

from streams.agents.while_wanted import WhileWanted


class Works:
    """Remembers which works run."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = set(wanted)
        self.running: set[str] = set()
        self.changed = asyncio.Event()

    async def work(self, name: str) -> None:
        """Run until cancelled."""
        self.running.add(name)
        self.changed.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.running.remove(name)
            self.changed.set()


async def test_each_work_runs_while_it_is_wanted_and_none_after_the_end() -> None:
    works = Works()
    task = asyncio.create_task(WhileWanted(lambda: works.wanted, works.work, every=0.01)())
    for wanted in ({"a", "b"}, {"b", "c"}, set(), {"a"}):
        works.wanted = wanted
        async with asyncio.timeout(20):
            while works.running != wanted:
                await works.changed.wait()
                works.changed.clear()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert works.running == set()


async def test_what_a_work_raises_ends_all() -> None:
    async def breaks(_: str) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await WhileWanted(lambda: {"a"}, breaks, every=0.01)()


async def test_a_work_that_ends_by_itself_is_a_fault() -> None:
    async def ends(_: str) -> None:
        return

    with pytest.raises(RuntimeError, match="ended by itself"):
        await WhileWanted(lambda: {"a"}, ends, every=0.01)()
