"""A rule: one line of a policy that can be triggered, as an author writes it and as the judge reads it."""

from typing import Annotated, Final, Literal

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from streams.core.action import ACTIONS, MASKING, Action, action_named
from streams.core.label import Severity

Mode = Literal["enforce", "shadow"]
FailureMode = Literal["closed", "open"]

# What holds content whose engine failed: `allow` and `mask` would show it unseen.
HOLDING: Final = frozenset(ACTIONS) - {"allow", "mask"}


def holding(action: Action) -> Action:
    """Return an action that holds content back or puts it before a moderator; raise ValueError for any other."""
    if action not in HOLDING:
        raise ValueError(f"{action} would show what no engine has seen: one of {', '.join(sorted(HOLDING))}")
    return action


PolicyAction = Annotated[
    Action, BeforeValidator(lambda value: action_named(value) if isinstance(value, str) else value)
]


class RuleConfig(BaseModel):
    """What every list, pattern and filter of an engine can say; engines add their own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    label: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    action: PolicyAction = "flag"
    severity: Severity | None = None
    mode: Mode = "enforce"
    escalate: bool = False
    why: str | None = Field(default=None, max_length=500)

    def rule(self, engine: str, threshold: float | None = None) -> "Rule":
        """Return the compiled rule of an engine's list, pattern or filter."""
        return Rule(
            engine=engine,
            name=self.name,
            label=self.label,
            action=self.action,
            severity=self.severity,
            mode=self.mode,
            escalate=self.escalate,
            why=self.why,
            threshold=threshold,
        )


class Rule(msgspec.Struct, frozen=True, gc=False):
    """One line of a policy that can be triggered."""

    engine: str
    name: str
    label: str
    action: Action
    severity: Severity | None = None
    mode: Mode = "enforce"
    escalate: bool = False
    why: str | None = None
    threshold: float | None = None
    instead_of: Action | None = None  # what it led to before its breaker fell (core/runaway)

    @property
    def masks(self) -> bool:
        """Say whether what it finds is hidden; also while its breaker is down, as that may end before the decision."""
        return self.mode == "enforce" and (self.action in MASKING or self.instead_of in MASKING)
