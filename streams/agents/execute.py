"""Execute: effects on one kind of sink in, done or put off, their outcomes out. Role `execute`.

What a content's effects came to lies in the table, written in the transaction of the outcomes. What fails for now waits
there, and a reminder tries it again: a sink that is down, or hangs, holds up no batch for longer than one look.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time
from typing import Final, assert_never

from streams.adapters.breaker import PAUSE, Breaker
from streams.adapters.executing import Executor, Result
from streams.adapters.fault import Fault
from streams.adapters.stored import Unpacker, pack
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core import carried
from streams.core.carried import NOTHING, Carried, Slot
from streams.core.effect import Effect, EffectRecord, EffectsDue, Outcome, OutcomeStatus, Sink
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

LOOKS: Final = 2  # one batch may take so many times what one effect may
MARGIN: Final = 0.5  # seconds by which an executor may miss its end before it is cut off
LEAST: Final = 0.5  # seconds under which no effect is begun: the batch has taken its time

BUSY: Final = "busy"
CIRCUIT_OPEN: Final = "circuit_open"
CRASHED: Final = "executor_failed"
INCOMPLETE: Final = "incomplete_target"
TIMEOUT: Final = "timeout"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bounds:
    """How long, how often and how many at a time."""

    timeout: float  # seconds for one effect
    patience: float  # seconds for which an effect is tried
    concurrency: int  # effects of all partitions


class Carrying:
    """Carries out the effects of one kind of sink, each content's in their order."""

    def __init__(
        self,
        sink: Sink,
        executor: Executor,
        bounds: Bounds,
        metrics: Metrics,
        *,
        clock: Callable[[], float] = time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Take the seconds since 1970, and chance, 0..1."""
        self._sink = sink
        self._executor = executor
        self._bounds = bounds
        self._metrics = metrics
        self._clock = clock
        self._draw = draw
        self._free = asyncio.Semaphore(bounds.concurrency)
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)  # by endpoint: as many as policies name

    async def carried(
        self, state: Carried, records: Sequence[EffectRecord], until: float
    ) -> tuple[Carried, list[Outcome]]:
        """Return the state of a content after its records of one batch, and what came of them.

        `until` is when the batch must end, in seconds of the loop's clock.
        """
        outcomes: list[Outcome] = []
        for record in records:
            match record:
                case Effect():
                    state = await self._met(state, record, until, outcomes)
                case EffectsDue():
                    for waiting in state.waiting:
                        if waiting.next_at <= self._now():
                            state = await self._tried(state, waiting.effect, until, outcomes)
                case _:
                    assert_never(record)
        return state, outcomes

    async def _met(self, state: Carried, effect: Effect, until: float, outcomes: list[Outcome]) -> Carried:
        slot = state.slot(effect)
        match carried.met(slot, effect):
            case "repeat":
                self._count(effect, "repeated")
                return state
            case "superseded":
                outcomes.append(self._outcome(effect, "superseded", 0, "newer_decision"))
                return state
            case "free":
                if slot.waiting is not None:
                    moot = slot.waiting
                    outcomes.append(self._outcome(moot.effect, "superseded", moot.attempts, "newer_decision"))
                return await self._tried(state.with_slot(effect, Slot(slot.last)), effect, until, outcomes)
            case never:
                assert_never(never)

    async def _tried(self, state: Carried, effect: Effect, until: float, outcomes: list[Outcome]) -> Carried:
        """Return the state after one try."""
        slot = state.slot(effect)
        result = await self._asked(effect, slot, until)
        now, before = self._now(), slot.waiting
        attempts = (0 if before is None else before.attempts) + (result.reason != BUSY)
        status, reason = result.status, result.reason
        if status == "retry":
            since = now if before is None else before.since
            if now - since < self._bounds.patience * 1000:
                pause = 0 if reason == BUSY else carried.pause(attempts, int(result.after * 1000), self._draw())
                if before is None:
                    outcomes.append(self._outcome(effect, "waiting", attempts, reason))
                self._count(effect, "retried")
                return state.with_slot(effect, carried.put_off(slot, effect, reason or TIMEOUT, attempts, now, pause))
            log.error("%s: effect %s of %s is given up: %s", self._sink, effect.name, effect.content_id, reason)
            status = "failed"
        outcomes.append(self._outcome(effect, status, attempts, reason, result))
        return state.with_slot(effect, carried.ended(slot, effect, status, result.objects, now))

    async def _asked(self, effect: Effect, slot: Slot, until: float) -> Result:
        """Return what the executor says, in time; nothing is raised but the end of the worker."""
        loop = asyncio.get_running_loop()
        try:
            endpoint = self._executor.endpoint(effect)
        except LookupError:  # a record of another hand: no policy says so little
            return Result("failed", INCOMPLETE)
        except Fault as fault:
            return Result("failed", fault.reason)
        async with self._free:
            if until - loop.time() < LEAST:
                return Result("retry", BUSY)
            breaker = self._breakers[endpoint]
            if not breaker.allows(loop.time()):
                return Result("retry", CIRCUIT_OPEN, after=PAUSE)
            began, was_open = loop.time(), breaker.is_open
            result = await self._called(effect, slot, min(until, began + self._bounds.timeout), breaker)
            self._metrics.effect_seconds.labels(self._sink).observe(loop.time() - began)
            if breaker.is_open != was_open:
                log.warning("%s: circuit of %s %s", self._sink, endpoint, "closed" if was_open else "open")
            is_open = sum(each.is_open for each in self._breakers.values())
            self._metrics.effects_circuits_open.labels(self._sink).set(is_open)
            return result

    async def _called(self, effect: Effect, slot: Slot, until: float, breaker: Breaker) -> Result:
        """Return what the executor says, and tell the breaker how it went."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout_at(until + MARGIN):
                result = await self._executor(effect, slot.last, until)
        except TimeoutError:
            breaker.failed(clock())
            return Result("retry", TIMEOUT)
        except Fault as fault:
            if fault.kind in {"item", "refusal"}:
                breaker.puzzled(clock())
                return Result("failed", fault.reason)
            breaker.failed(clock())
            level = logging.ERROR if fault.kind == "deployment" else logging.INFO
            log.log(level, "%s: an effect waits: %s", self._sink, fault.reason)
            return Result("retry", fault.reason, after=fault.after)
        except Exception as error:  # noqa: BLE001  one strange answer must not stop the stream at itself
            log.error("%s failed: %s", self._sink, type(error).__name__)  # noqa: TRY400  no traceback: content
            breaker.puzzled(clock())
            return Result("retry", CRASHED)
        if result.status == "retry":
            breaker.failed(clock())
        else:
            breaker.succeeded()
        return result

    def _outcome(
        self, effect: Effect, status: OutcomeStatus, attempts: int, reason: str | None, result: Result | None = None
    ) -> Outcome:
        self._count(effect, status)
        return Outcome(
            content_id=effect.content_id,
            decision_id=effect.decision.decision_id,
            revision=effect.decision.revision,
            sink=effect.sink,
            name=effect.name,
            work=effect.work,
            status=status,
            at=self._now(),
            attempts=attempts,
            reason=None if status == "done" else reason,
            objects=() if result is None else result.objects,
            region=self._executor.region(effect),
        )

    def _count(self, effect: Effect, result: str) -> None:
        self._metrics.effects.labels(effect.sink, effect.work, result).inc()

    def _now(self) -> int:
        return int(self._clock() * 1000)


class Execute:
    """The handler of one sink's effects; `timeout` are the seconds for one effect."""

    def __init__(self, intake: Intake[EffectRecord], emission: Emission, carrying: Carrying, timeout: float) -> None:
        self._intake = intake
        self._emission = emission
        self._carrying = carrying
        self._timeout = timeout
        self._state = Unpacker(Carried)

    def due(self, value: bytes) -> int | None:
        """Return when what waits is tried again, milliseconds since 1970; None when nothing waits."""
        return carried.due(self._state(value))

    def kept(self, value: bytes, since: int) -> bool:
        """Say whether a value is kept however idle: something waits, or was revised or moved after `since`."""
        return carried.kept(self._state(value), since)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Handle one batch of a partition: the effects of a content in their order, contents side by side."""
        until = asyncio.get_running_loop().time() + LOOKS * self._timeout
        by_content: defaultdict[str, list[EffectRecord]] = defaultdict(list)
        for record, _ in await self._intake.read(records, unit):
            by_content[record.content_id].append(record)
        works = (self._content(content_id, one, unit, until) for content_id, one in by_content.items())
        for outcomes in await asyncio.gather(*works):
            self._emission.outcomes(unit, outcomes)

    async def _content(
        self, content_id: str, records: Sequence[EffectRecord], unit: Unit, until: float
    ) -> Sequence[Outcome]:
        key = content_id.encode()
        stored = unit.get(key)
        before = NOTHING if stored is None else self._state(stored)
        after, outcomes = await self._carrying.carried(before, records, until)
        if after is not before:
            unit.put(key, pack(after))
        return outcomes
