"""Pictures: tasks keyed by hash in, exactly one report each out; equal pictures are asked about once. `rekognition`.

On request a near copy of a judged picture is not asked about at all: it gets that one's answer, and is itself none that
others are near to. What is known of a picture stands in the role's table, and is written in the transaction of the
reports that used it. Between a call and the commit of its transaction a crash loses the answer: then, and only then,
what was on its way is paid for once more. So all transactions together hold no more tasks than are asked about at a
time.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Final, NamedTuple, Protocol

from streams.adapters.looking import CRASHED, LATE, Looked
from streams.adapters.stored import Unpacker, pack
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.inspect import margin_ms
from streams.agents.intake import Intake
from streams.agents.near_copies import Copied, NearCopies
from streams.core.finding import FAILED, Answer, Cost, Evidence, Report
from streams.core.picture_task import Part, PictureTask, replied
from streams.core.unknown_policy import UNKNOWN
from streams.engines.rekognition import Known, Rekognition
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit


class Look(Protocol):
    """Whoever is asked: `Looker`, or a stand-in."""

    @property
    def is_open(self) -> bool:
        """Say whether calls are held back."""

    async def __call__(self, task: PictureTask, until_ms: int) -> Looked:
        """Return what became of a question; bounded by `until_ms`, milliseconds since 1970."""


Using = Callable[[Rekognition], AbstractAsyncContextManager[Look]]  # an engine in, who is asked, for a while, out

log = logging.getLogger(__name__)

NOT_CONFIGURED: Final = Answer("not_evaluated", "engine_not_configured")


class Answered(NamedTuple):
    """The answer to one task, and what stands behind it."""

    answer: Answer
    version: str
    cost: Cost | None
    seconds: float


class _Asked(NamedTuple):
    """A task, and until when (milliseconds since 1970) its answer is waited for."""

    task: PictureTask
    until: int


class Pictures:
    """The handler of `tasks-rekognition`: each task is answered as its policy configures the engine."""

    def __init__(
        self,
        intake: Intake[PictureTask],
        emission: Emission,
        *,
        book: Book,
        using: Using,
        metrics: Metrics,
        near_copies: NearCopies | None = None,
    ) -> None:
        """Take what knows the pictures whose near copies are not asked about; without it every picture is."""
        self._intake = intake
        self._emission = emission
        self._book = book
        self._using = using
        self._metrics = metrics
        self._near_copies = near_copies
        self._known = Unpacker(Known)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Answer the tasks of one batch of a partition."""
        groups: dict[tuple[str, int], tuple[Rekognition, list[_Asked]]] = {}
        answers: dict[int, Answered] = {}  # by the identity of the task
        tasks = [task for task, _ in await self._intake.read(records, unit)]
        for task in tasks:
            loaded = await self._book.find(task.policy)
            engine = None if loaded is None else loaded.own(task.engine)
            if loaded is None or not isinstance(engine, Rekognition):
                answers[id(task)] = Answered(UNKNOWN if loaded is None else NOT_CONFIGURED, "", None, 0.0)
                continue
            _, group = groups.setdefault((task.sha256, id(engine)), (engine, []))
            group.append(_Asked(task, task.deadline_at - margin_ms(loaded.policy)))
        judged = await asyncio.gather(*(self._judged(engine, group, unit) for engine, group in groups.values()))
        for (_, group), found in zip(groups.values(), judged, strict=True):
            answers |= {id(asked.task): one for asked, one in zip(group, found, strict=True)}
        reports: list[Report | Part] = []
        for task in tasks:
            one = answers[id(task)]
            reports.append(replied(task, one.version, one.answer, round(one.seconds * 1000, 3), one.cost))
            result = one.answer.status if one.answer.status in FAILED else "ok"
            self._metrics.engine_requests.labels(task.engine, result).inc()
            self._metrics.engine_seconds.labels(task.engine).observe(one.seconds)
        self._emission.reports(unit, reports)

    async def _judged(self, engine: Rekognition, group: Sequence[_Asked], unit: Unit) -> list[Answered]:
        """Return the answers to tasks on equal bytes, in their order; at most one of them is paid for."""
        key = group[0].task.sha256.encode()
        stored = unit.get(key)
        known = self._known(stored) if stored is not None else None
        if known is not None and engine.serves(known, unit.now):
            self._count(engine.name, 0, len(group))
            return [self._of(engine, known, Cost(cached=1), 0.0)] * len(group)
        open_ones = [asked for asked in group if asked.until > unit.now]
        if not open_ones:
            return [Answered(LATE, engine.version, None, 0.0)] * len(group)
        started = perf_counter()
        # The one with most time left asks for all; where it waits too long for the first, the join does not.
        asking = max(open_ones, key=lambda asked: asked.until)
        copied = await self._copied(engine, group, unit.now, asking.until - unit.now)
        if copied is not None:
            self._metrics.engine_calls.labels(engine.name, "near").inc(len(group))
            found = self._of(engine, copied.known, Cost(cached=1), perf_counter() - started, copied.near)
            return [found] * len(group)
        looked = await self._looked(engine, asking)
        took = perf_counter() - started
        if looked.known is None:
            failure = looked.failure or LATE
            self._count(engine.name, looked.calls, 0)
            cost = Cost(calls=looked.calls) if looked.calls else None
            return [Answered(failure, engine.version, cost if asked is asking else None, took) for asked in group]
        unit.put(key, pack(looked.known))
        self._publish(engine, group, looked.known, unit)
        self._count(engine.name, looked.calls, len(group) - 1)
        for alarm in engine.alarms(looked.known):
            self._metrics.engine_alarms.labels(engine.name, alarm).inc()
        self._metrics.unmapped_labels.labels(engine.name).inc(engine.strays(looked.known))
        first, others = Cost(calls=looked.calls), Cost(cached=1)
        return [self._of(engine, looked.known, first if asked is asking else others, took) for asked in group]

    async def _looked(self, engine: Rekognition, asking: _Asked) -> Looked:
        """Return what became of a question; that nobody can be asked is an answer, too."""
        try:
            async with self._using(engine) as look:
                looked = await look(asking.task, asking.until)
                self._metrics.engine_circuit.labels(engine.name).set(look.is_open)
        except Exception as error:  # noqa: BLE001  a client that cannot be made must not stop the stream at one task
            log.error("engine %s failed: %s", engine.name, type(error).__name__)  # noqa: TRY400  no traceback: content
            return Looked(None, CRASHED, 0)
        return looked

    async def _copied(self, engine: Rekognition, group: Sequence[_Asked], now: int, left: int) -> Copied | None:
        """Return what near copies are answered from; `left` is milliseconds until they must be."""
        if self._near_copies is None or engine.config.near_duplicates is None:
            return None
        return await self._near_copies.nearest(engine, _pdq(group), now, left / 1000)

    def _publish(self, engine: Rekognition, group: Sequence[_Asked], known: Known, unit: Unit) -> None:
        """Let all workers of the role know of a picture that was paid for."""
        pdq = _pdq(group)
        if self._near_copies is None or engine.config.near_duplicates is None or not pdq:
            return
        published = engine.published(group[0].task.sha256, pdq[0], known)
        if published is not None:
            self._emission.judged(unit, published)

    def _of(
        self, engine: Rekognition, known: Known, cost: Cost, seconds: float, near: Evidence | None = None
    ) -> Answered:
        try:
            answer = engine.answer(known) if near is None else engine.answer_near(known, near)
        except Exception as error:  # noqa: BLE001  a text engine that fails on what was read is an answer, too
            log.error("engine %s failed: %s", engine.name, type(error).__name__)  # noqa: TRY400  no traceback: content
            answer = CRASHED
        return Answered(answer, engine.version_of(known), cost, seconds)

    def _count(self, name: str, calls: int, saved: int) -> None:
        self._metrics.engine_calls.labels(name, "made").inc(calls)
        self._metrics.engine_calls.labels(name, "saved").inc(saved)


def _pdq(group: Sequence[_Asked]) -> tuple[str, ...]:
    """Return the forms of one picture; a worker with an older policy may have sent none."""
    return next((asked.task.pdq for asked in group if asked.task.pdq), ())
