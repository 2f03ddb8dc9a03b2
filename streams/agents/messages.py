"""Messages: texts in, a decision or an opened case each out. Role `screen`."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from streams.adapters.stored import Unpacker, pack
from streams.agents.beside import Beside, slow
from streams.agents.emission import Emission
from streams.agents.inspecting import Inspector
from streams.agents.intake import Intake, arrived
from streams.core.content import Message
from streams.core.decision import Decision
from streams.core.engine import Engine
from streams.core.judge import Judge
from streams.core.opening import Case
from streams.core.policy import Policy
from streams.core.screen import Arrival, Limits, screened
from streams.core.window import EMPTY, Window
from streams.metrics import Metrics, category
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

# Records that are screened at once: what so few make stays in the processor's cache until it is written, up to a fifth
# less time for each message than with a batch of thousands (benchmarks/README.md).
SLICE: Final = 128
SLOW_SLICE: Final = 256  # where an engine is slow: what it is asked about in one go fills more of its batches


def slice_of(engines: Sequence[Engine]) -> int:
    """Return how many records are screened at once."""
    return SLOW_SLICE if slow(engines) else SLICE


class Messages:
    """The handler of `messages`: decode, screen, emit."""

    def __init__(
        self,
        intake: Intake[Message],
        emission: Emission,
        *,
        policy: Policy,
        engines: Sequence[Engine],
        judge: Judge,
        limits: Limits,
        metrics: Metrics,
    ) -> None:
        self._intake = intake
        self._emission = emission
        self._policy = policy
        self._engines = engines
        self._judge = judge
        self._limits = limits
        self._metrics = metrics
        self._inspect = Inspector(metrics)
        self._beside = Beside(engines)
        self._slice = slice_of(engines)
        self._window = Unpacker(Window)
        # One batch at a time: screened side by side, all would be ready, and wait for their transactions, at once.
        self._turn = asyncio.Lock()

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Screen one batch of a partition."""
        async with self._turn:
            for start in range(0, len(records), self._slice):
                await self._screen(records[start : start + self._slice], unit)
                await asyncio.sleep(0)  # fetches, heartbeats and other partitions' transactions go on meanwhile

    async def _screen(self, records: Sequence[Record], unit: Unit) -> None:
        read = await self._intake.read(records, unit)

        def window_of(key: bytes) -> Window:
            stored = unit.get(key)
            return EMPTY if stored is None else self._window(stored)

        arrivals = [Arrival(message, arrived(record, unit.now)) for message, record in read]
        # The partition's turn is held: nobody else changes the unit, or the table behind it, meanwhile.
        screening = await self._beside(
            lambda: screened(
                arrivals,
                window_of,
                policy=self._policy,
                engines=self._engines,
                inspect=self._inspect,
                judge=self._judge,
                limits=self._limits,
                now=unit.now,
            )
        )
        decisions = [outcome for outcome in screening.outcomes if isinstance(outcome, Decision)]
        self._emission.decisions(unit, decisions)
        for outcome in screening.outcomes:
            if isinstance(outcome, Case):
                self._emission.opened(unit, outcome)
        for key, window in screening.windows.items():
            unit.put(key, pack(window))
        self._count(screening.outcomes, read, unit.now)

    def _count(self, outcomes: Sequence[object], read: Sequence[tuple[Message, Record]], now: int) -> None:
        metrics = self._metrics
        ended: Counter[tuple[str, str]] = Counter()
        decided: Counter[tuple[str, str, str]] = Counter()
        waited: dict[str, list[float]] = {}
        kind: str
        for outcome, (message, record) in zip(outcomes, read, strict=True):
            kind = message.kind
            if isinstance(outcome, Decision):
                ended[kind, "decided"] += 1
                decided[kind, category(outcome.labels), outcome.action] += 1
                waited.setdefault(kind, []).append((now - arrived(record, now)) / 1000)
            elif isinstance(outcome, Case):
                ended[kind, "opened"] += 1
            else:
                ended[kind, "repeated"] += 1
                metrics.duplicates.labels(kind).inc()
        for labels, count in ended.items():
            metrics.items.labels(*labels).inc(count)
        for names, count in decided.items():
            metrics.decisions.labels(*names).inc(count)
        for kind, seconds in waited.items():
            metrics.latency.observe(kind, seconds)
