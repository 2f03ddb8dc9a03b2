"""Asking an engine that has a role of its own: a task in, its answer and what that cost out, within the task's time.

An answer that was had before is not paid for again, and equal tasks at one time share one call. Whatever fails is an
answer with a status and a reason; nothing is raised.
"""

import asyncio
import logging
from collections.abc import Callable
from hashlib import blake2b
from time import time
from typing import Final, Protocol

from streams.adapters.attempts import Allowance
from streams.adapters.breaker import Breaker
from streams.adapters.fault import Fault
from streams.core.engine import Apart
from streams.core.finding import FAILED, Answer, Cost
from streams.core.recent import Recent
from streams.core.task import TextTask

DEADLINE_PASSED: Final = Answer("timeout", "deadline_passed")
CIRCUIT_OPEN: Final = Answer("error", "circuit_open")
CRASHED: Final = Answer("error", "engine_failed")
NO_TEXT: Final = Answer("not_evaluated", "no_text")
# Reasons that stand for time that ran out.
LATE: Final = frozenset({"timeout", "deadline_passed"})

log = logging.getLogger(__name__)


class Answerer(Protocol):
    """Puts a text to the interface that an engine stands for."""

    def key(self, task: TextTask) -> str:
        """Return all of a task that the answer depends on."""

    async def __call__(self, task: TextTask, allowance: Allowance) -> Answer:
        """Return the answer to a task; raise Fault."""

    async def close(self) -> None:
        """Close the connections."""


class Asker:
    """Asks one engine of one policy version."""

    def __init__(
        self, engine: Apart, answerer: Answerer, *, cache: int, breaker: Breaker, now: Callable[[], float] = time
    ) -> None:
        """Take how many answers are remembered, and the clock of the tasks' deadlines in seconds since 1970."""
        self._name = engine.name
        self._answerer = answerer
        self._remembered: Recent[bytes, Answer] = Recent(cache)
        self._breaker = breaker
        self._now = now
        self._running: dict[bytes, asyncio.Task[tuple[Answer, int]]] = {}

    async def __call__(self, task: TextTask) -> tuple[Answer, Cost]:
        """Return the engine's answer and its cost; a text of nothing but white space is not asked about."""
        if not task.text.strip():
            return NO_TEXT, Cost()
        key = blake2b(self._answerer.key(task).encode(errors="replace"), digest_size=16).digest()
        while (left := task.deadline_at / 1000 - self._now()) > 0:
            if (known := self._remembered.get(key)) is not None:
                return known, Cost(cached=1)
            running = self._running.get(key)
            shared = running is not None
            if running is None:
                running = self._running[key] = self._started(task, key, left)
            try:
                async with asyncio.timeout(left):
                    answer, calls = await asyncio.shield(running)
            except TimeoutError:
                break
            if not shared:
                return answer, Cost(calls=calls)
            if answer != DEADLINE_PASSED:  # of the task that was first; this one may have more time
                return answer, Cost(cached=1)
        return DEADLINE_PASSED, Cost()

    async def close(self) -> None:
        """End what runs and close the connections."""
        running = list(self._running.values())
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._answerer.close()

    def _started(self, task: TextTask, key: bytes, left: float) -> "asyncio.Task[tuple[Answer, int]]":
        allowance = Allowance(asyncio.get_running_loop().time() + left)
        started = asyncio.create_task(self._answered(task, key, allowance))
        started.add_done_callback(lambda _: self._running.pop(key, None))
        return started

    async def _answered(self, task: TextTask, key: bytes, allowance: Allowance) -> tuple[Answer, int]:
        clock = asyncio.get_running_loop().time
        if not self._breaker.allows(clock()):
            return CIRCUIT_OPEN, 0
        before = self._breaker.is_open
        if not before:  # what waits for its turn, or for its next attempt, when the circuit opens is not asked either
            allowance.halted = lambda: self._breaker.is_open
        answer = await self._tried(task, allowance)
        if self._breaker.is_open != before:
            state = "closed" if before else "open"
            log.warning("%s: circuit %s: %s", self._name, state, answer.reason or answer.status)
        # A refusal is an answer, too: it carries the finding by which the text is held.
        if answer.status not in FAILED or answer.findings:
            self._remembered.put(key, answer)
        return answer, allowance.calls

    async def _tried(self, task: TextTask, allowance: Allowance) -> Answer:
        """Return the answer, and tell the breaker how it went."""
        clock = asyncio.get_running_loop().time
        try:
            answer = await self._answerer(task, allowance)
        except Fault as fault:
            # Time that ran out over a call says that the other side is slow; a limit of our own says nothing of it.
            if fault.kind in {"retry", "deployment"} or (fault.reason == "deadline_passed" and allowance.calls):
                self._breaker.failed(clock())
            elif fault.kind == "item":
                self._breaker.puzzled(clock())
            return Answer("timeout" if fault.reason in LATE else "error", fault.reason)
        except Exception as error:  # noqa: BLE001  one strange text must not stop the stream at itself
            log.error("%s failed: %s", self._name, type(error).__name__)  # noqa: TRY400  no traceback: content
            self._breaker.puzzled(clock())
            return CRASHED
        if answer.status in FAILED and not answer.findings:
            self._breaker.puzzled(clock())
        elif allowance.calls:
            self._breaker.succeeded()
        return answer
