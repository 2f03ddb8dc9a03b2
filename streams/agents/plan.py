"""Plan: decisions in, effects out, by the version of the policy that judged. Role `execute`."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.decision import Decision
from streams.core.effect_config import EffectPlan
from streams.core.panel import NOBODY
from streams.core.planning import planned
from streams.core.policy import PolicyRef
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

FINDING: Final = 30.0  # seconds to find an older version of a policy; then the process ends

log = logging.getLogger(__name__)


class Plan:
    """The handler of `actions`."""

    def __init__(self, intake: Intake[Decision], emission: Emission, *, book: Book, metrics: Metrics) -> None:
        self._intake = intake
        self._emission = emission
        self._book = book
        self._unknown = metrics.unknown_policies.labels("execute")
        self._told: set[PolicyRef] = set()  # unknown versions that the log names

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Plan one batch of a partition."""
        for decision, _ in await self._intake.read(records, unit):
            plans = await self._plans(decision.policy)
            self._emission.effects(unit, planned(decision, plans, unit.now))

    async def _plans(self, ref: PolicyRef) -> Sequence[EffectPlan]:
        """Return the effects of a version; none where nobody knows it: another one may want what this one never did."""
        if ref == NOBODY:
            return ()
        loaded = self._book.loaded(ref)
        if loaded is None:
            async with asyncio.timeout(FINDING):
                loaded = await self._book.find(ref)
        if loaded is not None:
            return loaded.policy.effects
        self._unknown.inc()
        if ref not in self._told:
            self._told.add(ref)
            log.warning("policy %s %s is not known: its decisions have no effects", ref.id, ref.version)
        return ()
