"""What a label leads to, severity by severity: one action or one for each severity in, four rules out."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from streams.core.action import Action, action_named
from streams.core.label import SEVERITIES, Severity
from streams.core.rule import Mode, PolicyAction, Rule, Shorthand

# Light harm is written down; from medium on somebody looks at it.
DEFAULT: Final[dict[Severity, Action]] = {"low": "allow", "medium": "flag", "high": "flag", "critical": "flag"}


class Graded(Shorthand, BaseModel):
    """Actions by severity; `flag` alone stands for all four.

    A severity without an action takes that of the next lower one, `low` is allowed; without any, DEFAULT holds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    low: PolicyAction | None = None
    medium: PolicyAction | None = None
    high: PolicyAction | None = None
    critical: PolicyAction | None = None
    mode: Mode = "enforce"
    escalate: list[Severity] = Field(default=["critical"])  # severities that go to the escalated queue
    why: str | None = Field(default=None, max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _one_for_all(cls, value: Any) -> Any:
        return dict.fromkeys(SEVERITIES, action_named(value)) if isinstance(value, str) else value

    @property
    def actions(self) -> dict[Severity, Action]:
        """Return the action of each severity, from low to critical."""
        given: dict[Severity, Action | None] = {
            "low": self.low,
            "medium": self.medium,
            "high": self.high,
            "critical": self.critical,
        }
        if not any(given.values()):
            return dict(DEFAULT)
        actions: dict[Severity, Action] = {}
        lower = DEFAULT["low"]
        for severity, action in given.items():
            lower = actions[severity] = action or lower
        return actions


def rule_name(label: str, severity: Severity) -> str:
    """Return the name of the rule that a finding of this label and severity triggers."""
    return f"{label}_{severity}"


def rules(engine: str, label: str, graded: Graded, threshold: float | None = None) -> tuple[Rule, ...]:
    """Return the four rules of a label, from low to critical."""
    return tuple(
        Rule(
            engine=engine,
            name=rule_name(label, severity),
            label=label,
            action=action,
            severity=severity,
            mode=graded.mode,
            escalate=severity in graded.escalate,
            why=graded.why,
            threshold=threshold,
        )
        for severity, action in graded.actions.items()
    )
