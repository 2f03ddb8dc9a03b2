"""Messages: texts in, a decision or an opened case each out. Role `screen`."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from streams.adapters.stored import Unpacker, pack
from streams.agents.beside import Beside, slow
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.inspecting import Inspector
from streams.agents.intake import Intake, arrived
from streams.agents.routing import Routing
from streams.agents.standings import Standings
from streams.agents.watching import Unwatched
from streams.core.arrival import Arrival, nothing_known
from streams.core.content import Message
from streams.core.decision import Decision
from streams.core.judge import Judge
from streams.core.opening import Case
from streams.core.panel import Panels
from streams.core.screen import Limits, screened
from streams.core.verdict import Verdict
from streams.core.window import EMPTY, Window
from streams.metrics import Metrics, category
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

# Records that are screened at once: what so few make stays in the processor's cache until it is written, up to a fifth
# less time for each message than with a batch of thousands (benchmarks/README.md).
SLICE: Final = 128
SLOW_SLICE: Final = 256  # where an engine is slow: what it is asked about in one go fills more of its batches


def slice_of(panels: Panels) -> int:
    """Return how many records are screened at once."""
    return SLOW_SLICE if slow(panels) else SLICE


class Messages:
    """The handler of `messages`: decode, screen, emit."""

    def __init__(
        self,
        intake: Intake[Message],
        emission: Emission,
        *,
        book: Book,
        judge: Judge,
        limits: Limits,
        metrics: Metrics,
        standings: Standings | None = None,
        watching: Unwatched | None = None,
    ) -> None:
        self._intake = intake
        self._emission = emission
        self._book = book
        self._routing = Routing(emission, book)
        self._standings = standings
        self._watching = watching or Unwatched()
        self._judge = judge
        self._limits = limits
        self._metrics = metrics
        self._inspect = Inspector(metrics)
        self._beside = Beside()
        self._window = Unpacker(Window)
        # One batch at a time: screened side by side, all would be ready, and wait for their transactions, at once.
        self._turn = asyncio.Lock()

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Screen one batch of a partition."""
        async with self._turn:
            # Once: a batch is judged by one version of each policy.
            panels = self._watching.panels(self._book.panels, unit.now)
            size = slice_of(panels)
            for start in range(0, len(records), size):
                await self._screen(records[start : start + size], unit, panels)
                await asyncio.sleep(0)  # fetches, heartbeats and other partitions' transactions go on meanwhile

    async def _screen(self, records: Sequence[Record], unit: Unit, panels: Panels) -> None:
        read = await self._intake.read(records, unit)

        def window_of(key: bytes) -> Window:
            stored = unit.get(key)
            return EMPTY if stored is None else self._window(stored)

        standing_of = nothing_known if self._standings is None else await self._standings.ready()
        arrivals = [Arrival(message, arrived(record, unit.now)) for message, record in read]
        # The partition's turn is held: nobody else changes the unit, or the table behind it, meanwhile.
        screening = await self._beside(
            panels,
            lambda: screened(
                arrivals,
                window_of,
                panels=panels,
                inspect=self._inspect,
                judge=self._judge,
                limits=self._limits,
                now=unit.now,
                standing_of=standing_of,
            ),
        )
        judged: dict[int, Decision | Verdict] = {
            place: screening.verdicts.get(place, outcome)
            for place, outcome in enumerate(screening.outcomes)
            if isinstance(outcome, Decision)
        }
        self._watching.note([each for each in screening.outcomes if isinstance(each, Decision)], unit.now)
        now = self._routing.decided(unit, list(judged.values()))
        passing = {place for place, here in zip(judged, now, strict=True) if not here}
        for outcome in screening.outcomes:
            if isinstance(outcome, Case):
                self._emission.opened(unit, outcome)
        for key, window in screening.windows.items():
            unit.put(key, pack(window))
        self._count(screening.outcomes, passing, read, unit.now)

    def _count(
        self, outcomes: Sequence[object], passing: Collection[int], read: Sequence[tuple[Message, Record]], now: int
    ) -> None:
        """Count what became of each record; decisions at places that pass a standing are counted where they end."""
        metrics = self._metrics
        ended: Counter[tuple[str, str]] = Counter()
        decided: Counter[tuple[str, str, str]] = Counter()
        waited: dict[str, list[float]] = {}
        kind: str
        for place, (outcome, (message, record)) in enumerate(zip(outcomes, read, strict=True)):
            kind = message.kind
            if isinstance(outcome, Decision):
                ended[kind, "decided"] += 1
                if place in passing:
                    continue
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
