"""Velocity of users: tasks in, one report each out; the table holds each author's marks. Role `velocity_user`."""

import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from streams.adapters.stored import Unpacker, pack
from streams.agents.emission import Emission
from streams.agents.inspecting import CRASHED
from streams.agents.intake import Intake
from streams.core.finding import FAILED, Answer, reported
from streams.core.task import TextTask
from streams.core.velocity import Author
from streams.engines.velocity_user import VelocityUser
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

log = logging.getLogger(__name__)

SEPARATOR: Final = b"\x1f"  # between tenant and user: two platforms may give the same id to two people


def author_key(task: TextTask) -> bytes:
    """Return the key of an author's marks in the table `authors`."""
    return (task.tenant or "").encode() + SEPARATOR + task.user_id.encode()


class Velocity:
    """The handler of `tasks-velocity-user`: each task in the order of the log, judged with the marks before it.

    A task is counted once: a batch that comes again finds its offset applied. A content id that a producer sends twice
    ends at the screen, which remembers ids; one that it has forgotten is a text like any other, and is judged anew.
    """

    def __init__(self, intake: Intake[TextTask], emission: Emission, *, engine: VelocityUser, metrics: Metrics) -> None:
        self._intake = intake
        self._emission = emission
        self._engine = engine
        self._metrics = metrics
        self._author = Unpacker(Author)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Judge the tasks of one batch of a partition."""
        engine, metrics = self._engine, self._metrics
        seconds = metrics.engine_seconds.labels(engine.name)
        for task, _ in await self._intake.read(records, unit):
            started = perf_counter()
            answer = self._answer(task, unit)
            took = perf_counter() - started
            report = reported(task.content_id, engine.name, engine.version, answer, round(took * 1000, 3))
            self._emission.reports(unit, [report])
            result = "item_error" if answer.status in FAILED else "ok"
            metrics.engine_requests.labels(engine.name, result).inc()
            seconds.observe(took)

    def _answer(self, task: TextTask, unit: Unit) -> Answer:
        key = author_key(task)
        stored = unit.get(key)
        marks = b"" if stored is None else self._author(stored).marks
        try:
            answer, after = self._engine.judged(task, marks), self._engine.kept(task, marks)
        except Exception as error:  # noqa: BLE001  whatever it raises is its answer; the text of it may hold content
            log.error("engine %s failed on a task: %s", self._engine.name, type(error).__name__)  # noqa: TRY400
            return CRASHED
        unit.put(key, pack(Author(after)))
        return answer
