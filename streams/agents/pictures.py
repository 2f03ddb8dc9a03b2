"""Pictures: tasks keyed by hash in, exactly one report each out; equal pictures are asked about once. `rekognition`.

On request a near copy of a judged picture is not asked about at all: it gets that one's answer, and is itself none that
others are near to. What is known of a picture stands in the role's table, and is written in the transaction of the
reports that used it. Between a call and the commit of its transaction a crash loses the answer: then, and only then,
what was on its way is paid for once more. So all transactions together hold no more tasks than are asked about at a
time.
"""

import asyncio
import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Final, NamedTuple, Protocol

from streams.adapters.looking import CRASHED, LATE, Looked
from streams.adapters.stored import Unpacker, pack
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.judged import Copied, Judged
from streams.core.finding import FAILED, Answer, Cost, Evidence, Report
from streams.core.picture_task import Part, PictureTask, replied
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


log = logging.getLogger(__name__)

NOT_CONFIGURED: Final = Answer("not_evaluated", "engine_not_configured")


class Answered(NamedTuple):
    """The answer to one task, and what stands behind it."""

    answer: Answer
    version: str
    cost: Cost | None
    seconds: float


class Pictures:
    """The handler of `tasks-rekognition`; `engine` and `look` are None where the policy does not name the engine."""

    def __init__(
        self,
        intake: Intake[PictureTask],
        emission: Emission,
        *,
        engine: Rekognition | None,
        look: Look | None,
        margin_ms: int,
        metrics: Metrics,
        judged: Judged | None = None,
    ) -> None:
        """Take the milliseconds before a deadline at which a picture is given up: its report must reach the join.

        `judged` knows the pictures whose near copies are not asked about; without it every picture is.
        """
        self._intake = intake
        self._emission = emission
        self._engine = engine
        self._look = look
        self._margin = margin_ms
        self._metrics = metrics
        self._near = judged
        self._known = Unpacker(Known)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Answer the tasks of one batch of a partition."""
        groups: dict[str, list[PictureTask]] = {}
        tasks = [task for task, _ in await self._intake.read(records, unit)]
        for task in tasks:
            groups.setdefault(task.sha256, []).append(task)
        judged = await asyncio.gather(*(self._judged(group, unit) for group in groups.values()))
        answers = {
            id(task): one
            for group, found in zip(groups.values(), judged, strict=True)
            for task, one in zip(group, found, strict=True)
        }
        reports: list[Report | Part] = []
        for task in tasks:
            one = answers[id(task)]
            reports.append(replied(task, one.version, one.answer, round(one.seconds * 1000, 3), one.cost))
            result = one.answer.status if one.answer.status in FAILED else "ok"
            self._metrics.engine_requests.labels(task.engine, result).inc()
            self._metrics.engine_seconds.labels(task.engine).observe(one.seconds)
        self._emission.reports(unit, reports)

    async def _judged(self, group: Sequence[PictureTask], unit: Unit) -> list[Answered]:
        """Return the answers to tasks on equal bytes, in their order; at most one of them is paid for."""
        engine, look = self._engine, self._look
        if engine is None or look is None:
            return [Answered(NOT_CONFIGURED, "", None, 0.0)] * len(group)
        key = group[0].sha256.encode()
        stored = unit.get(key)
        known = self._known(stored) if stored is not None else None
        if known is not None and engine.serves(known, unit.now):
            self._count(engine.name, 0, len(group))
            return [self._of(engine, known, Cost(cached=1), 0.0)] * len(group)
        open_ones = [task for task in group if task.deadline_at - self._margin > unit.now]
        if not open_ones:
            return [Answered(LATE, engine.version, None, 0.0)] * len(group)
        started = perf_counter()
        # The one with most time left asks for all; where it waits too long for the first, the join does not.
        asking = max(open_ones, key=lambda task: task.deadline_at)
        copied = await self._copied(group, unit.now, asking.deadline_at - self._margin - unit.now)
        if copied is not None:
            self._metrics.engine_calls.labels(engine.name, "near").inc(len(group))
            found = self._of(engine, copied.known, Cost(cached=1), perf_counter() - started, copied.near)
            return [found] * len(group)
        looked = await look(asking, asking.deadline_at - self._margin)
        took = perf_counter() - started
        self._metrics.engine_circuit.labels(engine.name).set(look.is_open)
        if looked.known is None:
            failure = looked.failure or LATE
            self._count(engine.name, looked.calls, 0)
            cost = Cost(calls=looked.calls) if looked.calls else None
            return [Answered(failure, engine.version, cost if task is asking else None, took) for task in group]
        unit.put(key, pack(looked.known))
        self._publish(engine, group, looked.known, unit)
        self._count(engine.name, looked.calls, len(group) - 1)
        for alarm in engine.alarms(looked.known):
            self._metrics.engine_alarms.labels(engine.name, alarm).inc()
        self._metrics.unmapped_labels.labels(engine.name).inc(engine.strays(looked.known))
        first, others = Cost(calls=looked.calls), Cost(cached=1)
        return [self._of(engine, looked.known, first if task is asking else others, took) for task in group]

    async def _copied(self, group: Sequence[PictureTask], now: int, left: int) -> Copied | None:
        """Return what near copies are answered from; `left` is milliseconds until they must be."""
        return None if self._near is None else await self._near.nearest(_pdq(group), now, left / 1000)

    def _publish(self, engine: Rekognition, group: Sequence[PictureTask], known: Known, unit: Unit) -> None:
        """Let all workers of the role know of a picture that was paid for."""
        pdq = _pdq(group)
        if self._near is None or not pdq:
            return
        published = engine.published(group[0].sha256, pdq[0], known)
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


def _pdq(group: Sequence[PictureTask]) -> tuple[str, ...]:
    """Return the forms of one picture; a worker with an older policy may have sent none."""
    return next((task.pdq for task in group if task.pdq), ())
