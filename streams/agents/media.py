"""Media: tasks in, one report per asked engine out; each object is read and decoded once. Role `media`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.case import Task
from streams.core.finding import FAILED, Report
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

Inspected = Callable[[Task], Awaitable[list[Report]]]  # bounded in time; one report per asked engine, whatever happens


class Media:
    """The handler of `tasks-media`: the tasks of a batch side by side, their reports in the order of the tasks."""

    def __init__(
        self, intake: Intake[Task], emission: Emission, *, inspected: Inspected, concurrency: int, metrics: Metrics
    ) -> None:
        self._intake = intake
        self._emission = emission
        self._inspected = inspected
        self._free = asyncio.Semaphore(concurrency)
        self._metrics = metrics

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Inspect the tasks of one batch of a partition."""
        tasks = [task for task, _ in await self._intake.read(records, unit)]
        for reports in await asyncio.gather(*(self._one(task) for task in tasks)):
            self._emission.reports(unit, reports)
            for report in reports:
                result = report.status if report.status in FAILED else "ok"
                self._metrics.engine_requests.labels(report.engine, result).inc()
                self._metrics.engine_seconds.labels(report.engine).observe(report.duration_ms / 1000)

    async def _one(self, task: Task) -> list[Report]:
        async with self._free:
            return await self._inspected(task)
