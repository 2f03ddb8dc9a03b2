"""Velocity of users: tasks in, one report each out; the table holds each author's marks. Role `velocity_user`."""

import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from streams.adapters.stored import Unpacker, pack
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.inspect import NOT_CONFIGURED
from streams.agents.inspecting import CRASHED
from streams.agents.intake import Intake
from streams.core.finding import FAILED, Answer, reported
from streams.core.task import TextTask
from streams.core.unknown_policy import UNKNOWN
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

    def __init__(self, intake: Intake[TextTask], emission: Emission, *, book: Book, metrics: Metrics) -> None:
        self._intake = intake
        self._emission = emission
        self._book = book
        self._metrics = metrics
        self._author = Unpacker(Author)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Judge the tasks of one batch of a partition."""
        metrics = self._metrics
        keeping = engines_of(self._book)
        for task, _ in await self._intake.read(records, unit):
            started = perf_counter()
            loaded = await self._book.find(task.policy)
            engine = None if loaded is None else loaded.own(task.engine)
            if isinstance(engine, VelocityUser):
                answer, version = self._answer(engine, keeping, task, unit), engine.version
            else:
                answer, version = UNKNOWN if loaded is None else NOT_CONFIGURED, ""
            took = perf_counter() - started
            report = reported(task.content_id, task.engine, version, answer, round(took * 1000, 3))
            self._emission.reports(unit, [report])
            result = "item_error" if answer.status in FAILED else "ok"
            metrics.engine_requests.labels(task.engine, result).inc()
            metrics.engine_seconds.labels(task.engine).observe(took)

    def _answer(self, engine: VelocityUser, keeping: Sequence[VelocityUser], task: TextTask, unit: Unit) -> Answer:
        key = author_key(task)
        stored = unit.get(key)
        marks = b"" if stored is None else self._author(stored).marks
        try:
            answer = engine.judged(task, marks)
            # An author's marks are the same for all policies: the one that looks back furthest has them kept.
            after = max((one.kept(task, marks) for one in (engine, *keeping)), key=len)
        except Exception as error:  # noqa: BLE001  whatever it raises is its answer; the text of it may hold content
            log.error("engine %s failed on a task: %s", engine.name, type(error).__name__)  # noqa: TRY400
            return CRASHED
        unit.put(key, pack(Author(after)))
        return answer


def engines_of(book: Book) -> list[VelocityUser]:
    """Return the engines by which the policies that judge now count what authors send."""
    found = (loaded.own(VelocityUser.name) for loaded in book.every)
    return [engine for engine in found if isinstance(engine, VelocityUser)]
