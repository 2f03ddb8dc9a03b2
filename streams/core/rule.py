"""A rule: one line of a policy that can be triggered, as an author writes it and as the judge reads it."""

from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema

from streams.core.action import ACTIONS, MASKING, SPELLINGS, Action, action_named
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
    Action,
    BeforeValidator(lambda value: action_named(value) if isinstance(value, str) else value),
    WithJsonSchema({"enum": [*ACTIONS, *SPELLINGS]}),
]
LABEL: Final = "What it finds: a built-in label, or one of your own."
WHY: Final = "The reason, for authors and moderators; an enforced rule that takes content away needs one."
SHADOW: Final = "shadow: is listed where it triggers, and has no effect."
ESCALATE: Final = "Puts what it triggers on the escalated queue, whatever the action."


class Shorthand:
    """For a section that may be written as an action alone: says so in its JSON Schema."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of the section, or of an action."""
        return {"anyOf": [{"enum": [*ACTIONS, *SPELLINGS]}, handler(core)]}


class RuleConfig(BaseModel):
    """What every list, pattern and filter of an engine can say; engines add their own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    label: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64, description=LABEL)
    action: PolicyAction = "flag"
    severity: Severity | None = Field(default=None, description="Of what it finds, where the engine has none.")
    mode: Mode = Field(default="enforce", description=SHADOW)
    escalate: bool = Field(default=False, description=ESCALATE)
    why: str | None = Field(default=None, max_length=500, description=WHY)

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
