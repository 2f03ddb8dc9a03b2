"""Users with a history, without Kafka: what was judged in, the decision past the standing of its author out."""

from collections import OrderedDict
from typing import Final

from streams.core.decision import Decision
from streams.core.policy import Policy
from streams.core.restriction import Standing
from streams.core.standing import folded
from streams.core.standing_rules import NO_RULES
from streams.core.standing_state import StandingState, standing_of
from streams.core.verdict import Verdict

# Users that are remembered, those heard of last: a bound for the memory, a gigabyte at worst.
USERS: Final = 100_000


class Enforced:
    """Does what the role `enforce` does; the present is the time of the record that is judged."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._users: OrderedDict[str, StandingState] = OrderedDict()

    def standing_of(self, user_id: str) -> Standing | None:
        """Return what lies upon a user, None where nothing does."""
        state = self._users.get(user_id)
        return standing_of(state) if state is not None and state.published else None

    def decision(self, judged: Decision | Verdict) -> Decision:
        """Return the decision on what was judged; what is not allowed comes as a verdict."""
        if isinstance(judged, Decision):
            return judged
        if not self._policy.via_standing:
            return judged.decision
        user_id, policy = judged.decision.user_id, self._policy
        found = folded(self._users.get(user_id), judged, policy.standing or NO_RULES, judged.at, policy.notices)
        if found.state is None or found.decision is None:
            raise AssertionError("a verdict leaves a state and a decision")
        self._users[user_id] = found.state
        self._users.move_to_end(user_id)
        if len(self._users) > USERS:
            self._users.popitem(last=False)
        return found.decision
