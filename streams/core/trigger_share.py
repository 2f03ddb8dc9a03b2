"""How often the rules of a policy version trigger: counts of batches in; shares lately, and as a rule, out.

Lately is a short window; as a rule is the baseline: what left the window, weighted down as it ages. The window is not
in the baseline, so that what suddenly changes does not hide itself.
"""

from collections import Counter, deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from math import exp
from typing import Final, NamedTuple

import msgspec

from streams.core.rule import Mode

SLICES: Final = 12  # of the window: it moves on by one when the next begins


class RuleKey(NamedTuple):
    """Names a rule within a policy version."""

    engine: str
    rule: str
    mode: Mode


class Spans(msgspec.Struct, frozen=True):
    """Over how much shares are taken."""

    window_ms: int
    window_judged: int  # the window reaches back further where fewer contents were judged in it
    baseline_ms: int  # what is so old counts for 1/e
    baseline_judged: int  # contents before there is a baseline; so many it remembers, however quiet the stream is


class _Slice:
    """Counts of one slice of time."""

    __slots__ = ("judged", "start", "triggered")

    def __init__(self, start: int) -> None:
        self.start = start  # milliseconds since 1970
        self.judged = 0
        self.triggered: Counter[RuleKey] = Counter()


class Shares:
    """Counts of one policy version; times in milliseconds since 1970."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._width = max(1, spans.window_ms // SLICES)
        self._slices: deque[_Slice] = deque()
        self.judged = 0  # contents in the window
        self._triggered: Counter[RuleKey] = Counter()  # in the window
        self._weight = 0.0  # contents in the baseline, weighted
        self._weights: dict[RuleKey, float] = {}  # of them, those that triggered a rule
        self._at: int | None = None  # start of the last slice in the baseline
        self._known = False

    def add(
        self, judged: int, triggered: Mapping[RuleKey, int], now: int, held: AbstractSet[RuleKey] = frozenset()
    ) -> None:
        """Count a batch: contents judged, and by rule those that triggered it.

        The baseline learns nothing of `held` rules: it stays what it was for them.
        """
        if not self._slices or now >= self._slices[-1].start + self._width:
            self._slices.append(_Slice(now))
            self._move(now, held)
        newest = self._slices[-1]
        newest.judged += judged
        self.judged += judged
        for counts in (newest.triggered, self._triggered):
            for key, times in triggered.items():
                counts[key] += times

    def triggered(self, key: RuleKey) -> int:
        """Return how many contents of the window triggered a rule."""
        return self._triggered[key]

    def lately(self, key: RuleKey) -> float:
        """Return a rule's share in the window, 0..1."""
        return self._triggered[key] / self.judged if self.judged else 0.0

    def baseline(self, key: RuleKey) -> float | None:
        """Return a rule's share as a rule, 0..1; None before enough was judged."""
        return self._weights.get(key, 0.0) / self._weight if self._known else None

    def baselines(self) -> dict[RuleKey, float]:
        """Return the baselines of all rules that ever triggered; none before enough was judged."""
        return {key: weight / self._weight for key, weight in self._weights.items()} if self._known else {}

    def anew(self) -> None:
        """Begin a new window; the baseline stays, and what was in the window is forgotten."""
        self._slices.clear()
        self._triggered.clear()
        self.judged = 0

    def _move(self, now: int, held: AbstractSet[RuleKey]) -> None:
        """Put slices that the window no longer needs into the baseline."""
        spans = self._spans
        while len(self._slices) > 1:
            oldest = self._slices[0]
            passed = self._slices[1].start <= now - spans.window_ms
            enough = self.judged - oldest.judged >= spans.window_judged
            if not (passed and enough) and oldest.start > now - spans.baseline_ms:
                return
            self._slices.popleft()
            self.judged -= oldest.judged
            self._triggered.subtract(oldest.triggered)
            self._learn(oldest, held)
        self._triggered = +self._triggered

    def _learn(self, counts: _Slice, held: AbstractSet[RuleKey]) -> None:
        before = self._weight
        kept = before * exp((self._at - counts.start) / self._spans.baseline_ms) if self._at is not None else 0.0
        kept = max(kept, min(before, self._spans.baseline_judged))
        fading = kept / before if before else 0.0
        self._weight = kept + counts.judged
        steady = self._weight / before if before else 0.0
        weights = {key: weight * (steady if key in held else fading) for key, weight in self._weights.items()}
        for key, times in counts.triggered.items():
            if key not in held:
                weights[key] = weights.get(key, 0.0) + times
        self._weights = weights
        self._at = counts.start
        self._known = self._known or self._weight >= self._spans.baseline_judged
