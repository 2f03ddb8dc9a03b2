"""What came of a feed: decisions in, counts and times out."""

import math
from collections import Counter
from typing import Any

from streams.core.action import ACTIONS
from streams.core.decision import Decision
from streams.core.label import TEXT_KINDS
from streams.embedded.sample import Sample


class Summary:
    """Counts the decisions on one sample; what others feed at the same time is left out."""

    def __init__(self, sample: Sample) -> None:
        """Take the feed. What a storage tells of has an id that nobody knows before: see `told_of`."""
        self._expected = set(sample.announced)
        self._untold = sample.stored  # objects that the storage has not told of yet
        self._strangers: dict[str, list[tuple[Decision, float, float]]] = {}
        self._expected_dead = sample.dead_letters
        self._seen: Counter[str] = Counter()
        self._actions: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._latencies: dict[str, list[float]] = {"texts": [], "pictures": []}
        self._partial = 0
        self._first: float | None = None  # seconds since the start of everything
        self._last = 0.0
        self.dead_letters = 0

    @property
    def complete(self) -> bool:
        """Say whether every input has a decision, and every bad record became a dead letter."""
        decided = not self._untold and self._seen.keys() >= self._expected
        return decided and self.dead_letters >= self._expected_dead

    @property
    def right(self) -> bool:
        """Say whether every input has exactly one decision, and only the bad records became dead letters."""
        return self.complete and self.dead_letters == self._expected_dead and self.doubles == 0

    @property
    def doubles(self) -> int:
        """Return how many decisions came again."""
        return self._seen.total() - len(self._seen)

    def told_of(self, content_id: str) -> None:
        """Expect a decision on an object of which the storage has told."""
        if self._untold and content_id not in self._expected:
            self._untold -= 1
            self._expected.add(content_id)
            for decision, since_start, latency_ms in self._strangers.pop(content_id, ()):
                self.add(decision, since_start, latency_ms)

    def add(self, decision: Decision, since_start: float, latency_ms: float) -> None:
        """Count a decision, read `since_start` seconds after the start, `latency_ms` after its input's record."""
        if decision.content_id not in self._expected:
            if self._untold:  # the storage may have told of it a moment ago
                self._strangers.setdefault(decision.content_id, []).append((decision, since_start, latency_ms))
            return
        if self._first is None:
            self._first = since_start
        else:  # the first one waited for the workers to start
            group = "texts" if decision.kind in TEXT_KINDS else "pictures"
            self._latencies[group].append(latency_ms)
        self._last = since_start
        self._seen[decision.content_id] += 1
        self._actions[decision.action] += 1
        self._kinds[decision.kind] += 1
        self._labels.update(decision.labels)
        self._partial += decision.partial

    def told(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        between = self._last - self._first if self._first is not None else 0.0
        decisions = self._seen.total()
        return {
            "inputs": len(self._expected) + self._untold,
            "decisions": decisions,
            "missing": len(self._expected - self._seen.keys()) + self._untold,
            "doubles": self.doubles,
            "dead_letters": self.dead_letters,
            "partial": self._partial,
            "actions": {action: self._actions[action] for action in ACTIONS},
            "kinds": dict(self._kinds.most_common()),
            "labels": dict(self._labels.most_common()),
            "first_decision_seconds": self._first and round(self._first, 1),
            "decisions_per_second": round(decisions / between, 1) if between else None,
            "latency_ms": {
                group: {"p50": quantile(values, 0.5), "p99": quantile(values, 0.99)}
                for group, values in self._latencies.items()
                if values
            },
        }


def quantile(values: list[float], share: float) -> float:
    """Return the smallest value that `share` (0..1) of the values do not exceed, to a tenth."""
    ordered = sorted(values)
    return round(ordered[math.ceil(share * len(ordered)) - 1], 1)
