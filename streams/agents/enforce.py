"""Enforce: verdicts and orders in, one decision for each verdict out, and what lies upon a user. Role `enforce`."""

from collections.abc import Callable, Sequence
from time import time

from streams.adapters.stored import Unpacker, pack
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.decision import Decision
from streams.core.standing import Folded, aged, folded, is_stale, user_of
from streams.core.standing_rules import NO_RULES
from streams.core.standing_state import StandingState
from streams.core.verdict import StandingOrder, Verdict, VerdictRecord
from streams.metrics import Metrics, category
from streams.runtime.batch import Record
from streams.runtime.unit import Unit


class Enforce:
    """The handler of `verdicts`: fold each record into the standing of its user."""

    def __init__(
        self,
        intake: Intake[VerdictRecord],
        emission: Emission,
        *,
        book: Book,
        metrics: Metrics,
        clock: Callable[[], float] = time,
    ) -> None:
        """Take a clock that gives seconds since 1970."""
        self._intake = intake
        self._emission = emission
        self._book = book
        self._metrics = metrics
        self._clock = clock
        self._state = Unpacker(StandingState)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Fold one batch of a partition."""
        for record, _ in await self._intake.read(records, unit):
            key = user_of(record).encode()
            found = await self._folded(self._stored(key, unit), record, unit.now)
            self._keep(key, found, unit)
            if isinstance(record, StandingOrder):
                self._metrics.standing_orders.labels(record.order).inc()
            elif found.decision is not None:
                self._emission.decisions(unit, [found.decision])
                self._count(record, found, found.decision, unit.now)
            else:
                self._metrics.duplicates.labels(record.decision.kind).inc()

    def keeps(self, value: bytes) -> bool:
        """Say whether what is stored of a user stays as it is: time alone changes nothing of it."""
        return not is_stale(self._state(value), int(self._clock() * 1000))

    def expired(self, unit: Unit, key: bytes) -> None:
        """Keep what time has left of a user; nothing of one of whom nothing holds and nothing was heard for long."""
        stored = self._stored(key, unit)
        if stored is not None:
            self._keep(key, aged(stored, unit.now), unit)

    def _stored(self, key: bytes, unit: Unit) -> StandingState | None:
        stored = unit.get(key)
        return None if stored is None else self._state(stored)

    async def _folded(self, state: StandingState | None, record: VerdictRecord, now: int) -> Folded:
        """Fold a record by the rules of the version that judged."""
        if isinstance(record, StandingOrder):
            return folded(state, record, NO_RULES, now)
        loaded = await self._book.find(record.decision.policy)
        if loaded is None:
            self._metrics.unknown_policies.labels("enforce").inc()
            return folded(state, record, NO_RULES, now)
        policy = loaded.policy
        return folded(state, record, policy.standing or NO_RULES, now, policy.notices)

    def _keep(self, key: bytes, found: Folded, unit: Unit) -> None:
        unit.put(key, None if found.state is None else pack(found.state))
        if found.standing is not None:
            self._emission.standing(unit, found.standing)
        elif found.retracted:
            self._emission.cleared(unit, key)

    def _count(self, verdict: Verdict, found: Folded, decision: Decision, now: int) -> None:
        metrics = self._metrics
        metrics.decisions.labels(decision.kind, category(decision.labels), decision.action).inc()
        if decision.source == "automatic":
            metrics.latency.observe(decision.kind, [(now - verdict.at) / 1000])
        if found.struck is not None:
            metrics.strikes.labels(category((found.struck,))).inc()
        for step in found.climbed:
            metrics.ladder_steps.labels(step).inc()
