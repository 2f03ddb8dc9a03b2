"""Two judgements of the same contents in, what the second one would change out."""

from collections import Counter
from collections.abc import Iterable
from heapq import heappush, heappushpop
from typing import Final

import msgspec

from streams.core.action import Action
from streams.core.decision import Decision
from streams.core.window import fingerprint

MISSING: Final = "missing"  # stands for the action where no decision was found


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What is compared of a decision."""

    action: Action
    triggered: frozenset[tuple[str, str]]  # engine and rule, of those that are enforced
    shadow: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, decision: Decision) -> "Judged":
        """Return what is compared of a decision."""
        return cls(
            action=decision.action,
            triggered=frozenset((line.engine, line.rule) for line in decision.triggered),
            shadow=frozenset((line.engine, line.rule) for line in decision.shadow),
        )


class RuleChange(msgspec.Struct):
    """In how many contents a rule triggered, enforced or in shadow mode."""

    both: int = 0
    gained: int = 0  # now, and not then
    lost: int = 0  # then, and not now


class Comparison:
    """Counts over all contents, and a sample of those whose action changes."""

    def __init__(self, sample: int) -> None:
        """Keep at most `sample` ids of each pair of actions, the same ones whatever the order of the contents."""
        self.contents = 0
        self.changed = 0
        self.pairs: Counter[tuple[str, str]] = Counter()  # (action then, action now)
        self.rules: dict[tuple[str, str], RuleChange] = {}  # by engine and rule
        self._sample = sample
        self._heaps: dict[tuple[str, str], list[tuple[int, str, str]]] = {}

    def add(self, content_id: str, then: Judged | None, now: Judged, shown: str = "") -> bool:
        """Count one content; say whether its action changes. None is a content without a decision.

        `shown` is what its sample shows beside its id.
        """
        self.contents += 1
        before = MISSING if then is None else then.action
        self.pairs[before, now.action] += 1
        if then is not None:
            self._count(then.triggered | then.shadow, now.triggered | now.shadow)
        if then is None or before == now.action:
            return False
        self.changed += 1
        self._keep((before, now.action), content_id, shown)
        return True

    def samples(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Return contents whose action changes, by pair of actions: id, and what is shown beside it."""
        return {
            pair: [(name, shown) for _, name, shown in sorted(heap, reverse=True)] for pair, heap in self._heaps.items()
        }

    def share(self, changes: RuleChange) -> float:
        """Return the share of all contents, 0..1, in which a rule triggers now."""
        return (changes.both + changes.gained) / self.contents if self.contents else 0.0

    def _count(self, then: Iterable[tuple[str, str]], now: Iterable[tuple[str, str]]) -> None:
        before, after = frozenset(then), frozenset(now)
        for rule in before | after:
            changes = self.rules.setdefault(rule, RuleChange())
            if rule in before and rule in after:
                changes.both += 1
            elif rule in after:
                changes.gained += 1
            else:
                changes.lost += 1

    def _keep(self, pair: tuple[str, str], content_id: str, shown: str) -> None:
        if not self._sample:
            return
        heap = self._heaps.setdefault(pair, [])
        entry = (-int.from_bytes(fingerprint(content_id), "big"), content_id, shown)  # the smallest fingerprints stay
        if len(heap) < self._sample:
            heappush(heap, entry)
        else:
            heappushpop(heap, entry)
