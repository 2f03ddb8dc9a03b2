"""Slow engines run beside the loop: it goes on, and what hangs ends in time."""

import asyncio
import threading
from typing import ClassVar

import pytest

from streams.agents.beside import Beside, slow
from tests.unit.core.given import Words, WordsConfig, judging, policy

QUICK = Words(WordsConfig(words=("bad",)))


class Network(Words):
    """An engine that takes its time."""

    slow: ClassVar[bool] = True


SLOW = Network(WordsConfig(words=("bad",)))


def test_one_slow_engine_makes_the_batch_slow() -> None:
    assert slow(judging(policy(), [QUICK, SLOW]))
    assert not slow(judging(policy(), [QUICK]))
    assert not slow(judging(policy()))


async def test_quick_work_is_done_in_the_loops_own_thread() -> None:
    assert await Beside()(judging(policy(), [QUICK]), threading.current_thread) is threading.main_thread()


async def test_slow_work_is_done_in_one_thread_beside_the_loop() -> None:
    beside, panels = Beside(), judging(policy(), [QUICK, SLOW])
    threads = await asyncio.gather(*(beside(panels, threading.current_thread) for _ in range(5)))
    assert len(set(threads)) == 1
    assert threads[0] is not threading.main_thread()


async def test_what_slow_work_raises_is_raised() -> None:
    def fails() -> None:
        raise KeyError("word")

    with pytest.raises(KeyError, match="word"):
        await Beside()(judging(policy(), [SLOW]), fails)


async def test_work_that_hangs_ends_the_wait() -> None:
    release = threading.Event()
    try:
        with pytest.raises(TimeoutError):
            await Beside(longest=0.05)(judging(policy(), [SLOW]), lambda: release.wait(30))
    finally:
        release.set()
