"""Which rules triggered: decisions of a batch in, counts for each policy version out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from streams.core.action import STRENGTH, Action
from streams.core.decision import Decision, Triggered
from streams.core.policy import PolicyRef
from streams.core.trigger_share import RuleKey

# Rules up to here harm nobody however often they trigger.
HARMLESS: Final = STRENGTH["flag"]


def is_harmless(action: Action) -> bool:
    """Say whether an action leaves content where it is, unchanged: others see it, at most a moderator looks."""
    return STRENGTH[action] <= HARMLESS


class Tally:
    """Counts of one policy version."""

    __slots__ = ("judged", "triggered")

    def __init__(self) -> None:
        self.judged = 0  # contents
        self.triggered: Counter[RuleKey] = Counter()  # contents by rule


def tallied(decisions: Iterable[Decision]) -> dict[PolicyRef, Tally]:
    """Count contents, and by rule those that triggered it; rules that lead to no more than `flag` are left out."""
    tallies: dict[PolicyRef, Tally] = {}
    last: PolicyRef | None = None
    tally = Tally()
    for decision in decisions:
        if decision.policy is not last:  # decisions of one batch share the object: no hash for each of them
            last = decision.policy
            tally = tallies.setdefault(last, Tally())
        tally.judged += 1
        if decision.triggered or decision.shadow:
            tally.triggered.update(set(_keys(decision.triggered)) | set(_keys(decision.shadow)))
    return tallies


def _keys(lines: Iterable[Triggered]) -> Iterator[RuleKey]:
    for line in lines:
        if not is_harmless(line.instead_of or line.action):
            yield RuleKey(line.engine, line.rule, line.mode)
