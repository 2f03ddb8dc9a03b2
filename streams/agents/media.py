"""Media: tasks in, one report per asked engine out; each object is read and decoded once. Role `media`.

Engines in roles of their own are asked about the pictures in the same transaction: by then their hashes are known.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import time
from typing import Final, NamedTuple

from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.case import Task
from streams.core.finding import FAILED, Answer, Report, reported
from streams.core.picture_task import Part, PictureTask
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit


class Outcome(NamedTuple):
    """What became of one task."""

    reports: Sequence[Report | Part]  # one report per engine asked here, and parts of those that cannot be asked
    pictures: Sequence[PictureTask] = ()  # for engines in roles of their own


# The case has ended by then: what waits behind must not wait for it, or a backlog would never come to its end.
LATE: Final = Answer("timeout", "deadline_passed")

Inspected = Callable[[Task], Awaitable[Outcome]]  # bounded in time; every engine is accounted for, whatever happens


class Media:
    """The handler of `tasks-media`: the tasks of a batch side by side, their reports in the order of the tasks."""

    def __init__(
        self,
        intake: Intake[Task],
        emission: Emission,
        *,
        inspected: Inspected,
        concurrency: int,
        metrics: Metrics,
        clock: Callable[[], float] = time,
    ) -> None:
        """Take how many tasks are inspected at once, and a clock of seconds since 1970."""
        self._clock = clock
        self._intake = intake
        self._emission = emission
        self._inspected = inspected
        self._free = asyncio.Semaphore(concurrency)
        self._metrics = metrics

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Inspect the tasks of one batch of a partition."""
        tasks = [task for task, _ in await self._intake.read(records, unit)]
        for outcome in await asyncio.gather(*(self._one(task) for task in tasks)):
            self._emission.reports(unit, outcome.reports)
            self._emission.pictures(unit, outcome.pictures)
            for report in outcome.reports:
                if isinstance(report, Part):
                    continue  # counted by the engine's own role, with the rest of it
                result = report.status if report.status in FAILED else "ok"
                self._metrics.engine_requests.labels(report.engine, result).inc()
                self._metrics.engine_seconds.labels(report.engine).observe(report.duration_ms / 1000)

    async def _one(self, task: Task) -> Outcome:
        async with self._free:
            if self._clock() * 1000 >= task.deadline_at:
                return Outcome([reported(task.content_id, name, "", LATE, 0.0) for name in task.engines])
            return await self._inspected(task)
