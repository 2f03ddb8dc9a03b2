"""Which rules triggered: decisions of a batch in, counts for each policy version out."""

from collections.abc import Iterable
from typing import Final

from streams.core.action import ACTIONS, STRENGTH, Action
from streams.core.decision import Decision
from streams.core.policy import PolicyRef
from streams.core.restriction import ENGINE as STANDING
from streams.core.trigger_share import RuleKey

# These leave content where it is, unchanged: they harm nobody however often they are taken.
HARMLESS: Final[frozenset[Action]] = frozenset(action for action in ACTIONS if STRENGTH[action] <= STRENGTH["flag"])


class Tally:
    """Counts of one policy version."""

    __slots__ = ("judged", "triggered")

    def __init__(self) -> None:
        self.judged = 0  # contents
        self.triggered: dict[RuleKey, int] = {}  # contents by rule


def tallied(decisions: Iterable[Decision]) -> dict[PolicyRef, Tally]:
    """Count contents, and by rule those that triggered it.

    Left out are rules that lead to no more than `flag`, and restrictions of users: they hold whatever is written.
    """
    tallies: dict[PolicyRef, Tally] = {}
    last: PolicyRef | None = None
    tally = Tally()
    for decision in decisions:
        if decision.policy is not last:  # decisions of one batch share the object: no hash for each of them
            last = decision.policy
            tally = tallies.setdefault(last, Tally())
        tally.judged += 1
        if decision.triggered or decision.shadow:
            counts = tally.triggered
            for key in {
                RuleKey(line.engine, line.rule, line.mode)
                for line in (*decision.triggered, *decision.shadow)
                if (line.instead_of or line.action) not in HARMLESS and line.engine != STANDING
            }:
                counts[key] = counts.get(key, 0) + 1
    return tallies
