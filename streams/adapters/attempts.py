"""Requests of one interface: each made again where that may help, within time, budget and number at a time."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from streams.adapters.budget import Budget
from streams.adapters.fault import Fault

T = TypeVar("T")
Pace = Callable[[], Awaitable[None]]  # returns when the next request may be made

FIRST_PAUSE: Final = 0.2  # seconds before the second attempt; doubled before each further one
LONGEST_PAUSE: Final = 5.0

log = logging.getLogger(__name__)


@dataclass
class Allowance:
    """What one content may cost: time, and the requests made so far."""

    until: float  # seconds of the loop's clock
    calls: int = 0
    halted: Callable[[], bool] = lambda: False  # whether others found meanwhile that the interface is down


class Attempts:
    """Makes requests: at most `concurrency` at a time, each ended after `timeout` seconds, `attempts` for an answer."""

    def __init__(
        self,
        timeout: float,
        attempts: int,
        budget: Budget,
        concurrency: int,
        pause: float = FIRST_PAUSE,
        pace: Pace | None = None,
    ) -> None:
        """Take the seconds of a request, its attempts, the seconds before the second one, and who sets the pace."""
        self._timeout = timeout
        self._attempts = attempts
        self._budget = budget
        self._pause = pause
        self._pace = pace
        self._free = asyncio.Semaphore(concurrency)

    async def __call__(self, request: Callable[[], Awaitable[T]], allowance: Allowance) -> T:
        """Return what a request brings; raise Fault, of the last attempt, with every request counted."""
        clock = asyncio.get_running_loop().time
        pause = self._pause
        for attempt in range(1, self._attempts + 1):
            try:
                return await self._once(request, allowance)
            except Fault as fault:
                wait = max(fault.after, pause * random.uniform(0.5, 1.0))  # noqa: S311  spreads the load, guards nothing
                if fault.kind != "retry" or attempt == self._attempts or clock() + wait >= allowance.until:
                    raise
                log.info("a request is made again: %s", fault.reason)
            await asyncio.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise AssertionError  # pragma: no cover  the last attempt returns or raises

    async def _once(self, request: Callable[[], Awaitable[T]], allowance: Allowance) -> T:
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout_at(allowance.until):
                await self._free.acquire()
        except TimeoutError:
            raise Fault("deadline_passed", "limit") from None
        try:
            if self._pace is not None:
                await self._paced(self._pace, allowance)
            if allowance.halted():
                raise Fault("circuit_open", "limit")
            if not self._budget.take(clock()):
                raise Fault("budget_exhausted", "limit")
            allowance.calls += 1
            async with asyncio.timeout_at(min(clock() + self._timeout, allowance.until)):
                return await request()
        except TimeoutError:
            if clock() >= allowance.until:
                raise Fault("deadline_passed", "limit") from None
            raise Fault("timeout", "retry") from None
        finally:
            self._free.release()

    async def _paced(self, pace: Pace, allowance: Allowance) -> None:
        try:
            async with asyncio.timeout_at(allowance.until):
                await pace()
        except TimeoutError:
            raise Fault("deadline_passed", "limit") from None
