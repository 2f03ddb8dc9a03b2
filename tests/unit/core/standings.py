"""What the tests of standings are given: verdicts, orders, and a user as the table of the role `enforce` holds him."""

from collections.abc import Iterable, Sequence
from typing import Any

from streams.core.action import Action, strongest
from streams.core.decision import Decision, Triggered, decision_id
from streams.core.label import Severity
from streams.core.standing import Folded, folded
from streams.core.standing_rules import StandingConfig, StandingRules
from streams.core.standing_state import StandingState
from streams.core.verdict import Order, StandingOrder, Verdict, VerdictRecord
from tests.unit.core.given import NOON, REF

SECOND = 1000
HOUR = 3_600_000
DAY = 24 * HOUR


def rules(**sections: Any) -> StandingRules:
    """Return the compiled section of a policy."""
    return StandingConfig.model_validate(sections).rules()


def line(label: str = "scam", action: Action = "block", severity: Severity | None = None, **more: Any) -> Triggered:
    """Return a line that triggered."""
    given = {"rule": f"{label}_rule", "mode": "enforce", "engine": "words", **more}
    return Triggered(label=label, action=action, severity=severity, **given)


def decision(content_id: str, lines: Sequence[Triggered], **more: Any) -> Decision:
    """Return what the judge makes of these lines."""
    given = {
        "action": strongest(each.action for each in lines),
        "partial": False,
        "reason": "words found something",
        **more,
    }
    return Decision(
        decision_id=decision_id(content_id, 0),
        content_id=content_id,
        kind="message",
        user_id="u",
        revision=0,
        labels=tuple(each.label for each in lines),
        triggered=tuple(lines),
        shadow=(),
        reports=(),
        context=(),
        policy=REF,
        source="automatic",
        escalate=False,
        received_at="2026-01-01T12:00:00.000Z",
        decided_at="2026-01-01T12:00:00.000Z",
        **given,
    )


def verdict(content_id: str, *lines: Triggered, at: int = NOON, **more: Any) -> Verdict:
    """Return a verdict on a text of user `u`; without lines a rule for `scam` blocks it."""
    names = ("resubmits", "previous", "trusted")
    beside = {name: more.pop(name) for name in names if name in more}
    return Verdict(decision(content_id, lines or (line(),), **more), at, **beside)


def order(order_id: str, what: Order, at: int = NOON, **more: Any) -> StandingOrder:
    """Return an order about user `u`."""
    return StandingOrder("u", order_id, what, at, "ada", **more)


class User:
    """A user to whom records happen, one after the other, each at its own time."""

    def __init__(self, given: StandingRules) -> None:
        self.rules = given
        self.state: StandingState | None = None
        self.now = NOON
        self.steps: list[Folded] = []

    def after(self, *records: VerdictRecord) -> "User":
        """Fold records; return the user."""
        for record in records:
            self.now = max(self.now, record.at)
            self.steps.append(folded(self.state, record, self.rules, self.now))
            self.state = self.steps[-1].state
        return self

    @property
    def decisions(self) -> list[Decision]:
        """Return the decisions that came out."""
        return [step.decision for step in self.steps if step.decision is not None]

    @property
    def actions(self) -> list[str]:
        """Return their actions."""
        return [made.action for made in self.decisions]

    @property
    def held(self) -> StandingState:
        """Return the state, which is kept."""
        assert self.state is not None
        return self.state


def users(given: StandingRules, *records: VerdictRecord) -> User:
    """Return a user to whom these records happened."""
    return User(given).after(*records)


def contents(user: User) -> Iterable[str]:
    """Return the contents that the strikes of a user are for."""
    return [strike.content_id for strike in user.held.strikes]
