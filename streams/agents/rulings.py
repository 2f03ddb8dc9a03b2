"""Rulings in, verdicts out: what moderators decided becomes the next revision of a content's decision. Role `enforce`.

A verdict goes to the standing of its author, by the partition that the rulings about him came in: in their order.
"""

from collections.abc import Sequence
from typing import Final

from streams.adapters.rejected import Rejected
from streams.adapters.stored import Unpacker, pack
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.kept_decision import TooLarge, kept
from streams.core.ruled import Meaningless, Ruled, ruled
from streams.core.ruling import Ruling
from streams.core.verdict import Verdict
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

# Of the largest record, what a decision may take: the rest is for what the standing adds, a notice in every locale.
SHARE: Final = 0.75


class Rulings:
    """The handler of `rulings`."""

    def __init__(self, intake: Intake[Ruling], emission: Emission, *, limit: int, metrics: Metrics) -> None:
        """Take the size of the largest record that is read, bytes."""
        self._intake = intake
        self._emission = emission
        self._largest = int(limit * SHARE)
        self._metrics = metrics
        self._state = Unpacker(Ruled)

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Carry out one batch of a partition."""
        for ruling, record in await self._intake.read(records, unit):
            try:
                verdict = self._carried_out(ruling, unit)
            except Meaningless as why:
                self._intake.reject(record, Rejected("invalid_value", why.field), unit)
            except TooLarge:
                self._intake.reject(record, Rejected("too_large"), unit)
            else:
                if verdict is None:
                    self._metrics.duplicates.labels(ruling.decision.kind).inc()
                else:
                    self._emission.verdicts(unit, [verdict])

    def _carried_out(self, ruling: Ruling, unit: Unit) -> Verdict | None:
        """Return what a ruling leads to, None where it was carried out before; nothing is kept of what is raised."""
        key = ruling.decision.content_id.encode()
        stored = unit.get(key)
        revised = ruled(None if stored is None else self._state(stored), ruling, unit.now)
        if revised is None:
            return None
        decision = kept(revised.decision, masked_text=True, largest=self._largest).decision
        unit.put(key, pack(revised.kept))
        return Verdict(decision, ruling.at)
