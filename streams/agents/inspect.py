"""Inspect: tasks on texts in, exactly one report each out, whatever the engine does. Roles `text_llm`, `comprehend`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import perf_counter, time
from typing import Any, Final

import msgspec

from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.engine import Apart
from streams.core.finding import FAILED, Answer, Cost, Report, reported
from streams.core.policy import Policy
from streams.core.reply import replied
from streams.core.task import TextTask
from streams.core.unknown_policy import UNKNOWN
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

Ask = Callable[[TextTask], Awaitable[tuple[Answer, Cost]]]
Using = Callable[[Any], AbstractAsyncContextManager[Ask]]  # an engine in, what asks its interface, for a while, out

# Before the deadline an engine is given up, so that its report still reaches the join: seconds, and share of the time.
MARGIN: Final = 1.0
SHARE: Final = 0.2

NOT_CONFIGURED: Final = Answer("not_evaluated", "engine_not_configured")
CRASHED: Final = Answer("error", "engine_failed")
LATE: Final = Answer("timeout", "timeout")
FREE: Final = Cost()

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Answer).decode

log = logging.getLogger(__name__)


def margin_ms(policy: Policy) -> int:
    """Return how long before its deadline a task is given up: its report must reach the join."""
    return int(min(1000 * MARGIN, SHARE * policy.deadline_ms))


class Questions:
    """Puts tasks to one engine, each to it as its policy configures it; `clock` gives seconds since 1970."""

    def __init__(self, engine: str, book: Book, using: Using, clock: Callable[[], float] = time) -> None:
        self._engine = engine
        self._book = book
        self._using = using
        self._clock = clock

    async def report(self, task: TextTask) -> Report:
        """Return the report on a task, before its deadline; nothing is raised but the end of the worker."""
        loaded = await self._book.find(task.policy)
        if loaded is None:
            return reported(task.content_id, task.engine, "", UNKNOWN, 0.0)
        policy, engine = loaded.policy, loaded.own(self._engine)
        if engine is None or task.engine != self._engine:
            return replied(policy, task, "", NOT_CONFIGURED, 0.0)
        left = (task.deadline_at - margin_ms(policy)) / 1000 - self._clock()
        started = perf_counter()
        answer, cost = (LATE, FREE) if left <= 0 else await self._answer(engine, task, left)
        duration = round((perf_counter() - started) * 1000, 3)
        return replied(policy, task, engine.version, answer, duration, None if cost == FREE else cost)

    async def _answer(self, engine: Apart, task: TextTask, seconds: float) -> tuple[Answer, Cost]:
        try:
            async with asyncio.timeout(seconds), self._using(engine) as ask:
                answer, cost = await ask(task)
            # The join must be able to read it: a score that is no number, say, would be a dead letter and no answer.
            return _decode(_encode(answer)), cost
        except TimeoutError:
            return LATE, FREE
        except Exception as error:  # noqa: BLE001  whatever an engine raises is its answer; its text may hold content
            log.error("engine %s failed: %s", task.engine, type(error).__name__)  # noqa: TRY400  no traceback: content
            return CRASHED, FREE


class Inspect:
    """The handler of an engine's tasks: those of a batch side by side, their reports in the order of the tasks."""

    def __init__(
        self,
        intake: Intake[TextTask],
        emission: Emission,
        *,
        report: Callable[[TextTask], Awaitable[Report]],
        concurrency: int,
        metrics: Metrics,
    ) -> None:
        self._intake = intake
        self._emission = emission
        self._report = report
        self._free = asyncio.Semaphore(concurrency)
        self._metrics = metrics

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Put the tasks of one batch of a partition to the engine."""
        tasks = [task for task, _ in await self._intake.read(records, unit)]
        reports = await asyncio.gather(*(self._one(task) for task in tasks))
        self._emission.reports(unit, reports)
        for report in reports:
            result = report.status if report.status in FAILED else "ok"
            self._metrics.engine_requests.labels(report.engine, result).inc()
            self._metrics.engine_seconds.labels(report.engine).observe(report.duration_ms / 1000)

    async def _one(self, task: TextTask) -> Report:
        async with self._free:
            return await self._report(task)
