"""Routing: decisions in; each goes to `actions`, or past the standing of its author to `verdicts`."""

from collections.abc import Sequence

from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.core.decision import Decision
from streams.core.verdict import Verdict
from streams.runtime.unit import Unit


class Routing:
    """Sends what was judged where its policy says."""

    def __init__(self, emission: Emission, book: Book) -> None:
        self._emission = emission
        self._book = book

    def decided(self, unit: Unit, judged: Sequence[Decision | Verdict]) -> list[bool]:
        """Emit what was judged; what is not allowed comes as a verdict. Return of each whether it is decided now.

        The others are decided, and counted, by the role `enforce`.
        """
        now = [isinstance(one, Decision) or not self._goes_past(one) for one in judged]
        self._emission.decisions(
            unit,
            (one.decision if isinstance(one, Verdict) else one for one, here in zip(judged, now, strict=True) if here),
        )
        self._emission.verdicts(
            unit, [one for one, here in zip(judged, now, strict=True) if not here and isinstance(one, Verdict)]
        )
        return now

    def _goes_past(self, verdict: Verdict) -> bool:
        loaded = self._book.loaded(verdict.decision.policy)
        return loaded is not None and loaded.policy.via_standing
