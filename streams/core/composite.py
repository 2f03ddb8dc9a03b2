"""Composite rules: conditions over all that is known of a content; what triggers is one more line of the decision.

They see what enforced rules of engines found, never one another. They can only add: an exemption is what lowers.
"""

from typing import Annotated, Final

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from streams.core.action import MASKING, Action
from streams.core.condition import Conditions
from streams.core.label import Severity
from streams.core.rule import ESCALATE, SHADOW, WHY, Mode, PolicyAction, Rule

ENGINE: Final = "rules"  # stands for an engine in a decision where a composite rule is what triggered
MOST: Final = 500  # composite rules of a policy


def _no_mask(action: Action) -> Action:
    if action in MASKING:
        raise ValueError(
            f"{action} hides what was found, and a condition finds no place: give it to the rule that does"
        )
    return action


class CompositeConfig(BaseModel):
    """A rule over what engines found and what is known beside: triggered where its condition holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    when: str = Field(
        min_length=1,
        description="In CEL, over text, labels, severity, confidence, scores, user, counts, context, content.",
    )
    action: Annotated[PolicyAction, AfterValidator(_no_mask)] = "flag"
    label: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=64,
        description="Without it, that of the strongest rule that an engine triggered, else the name of this one.",
    )
    severity: Severity | None = None
    mode: Mode = Field(default="enforce", description=SHADOW)
    escalate: bool = Field(default=False, description=ESCALATE)
    why: str | None = Field(default=None, max_length=500, description=WHY)

    def rule(self) -> Rule:
        """Return the compiled rule; its label is empty where it has none of its own."""
        return Rule(ENGINE, self.name, self.label or "", self.action, self.severity, self.mode, self.escalate, self.why)


Rules = Annotated[list[CompositeConfig], Field(max_length=MOST)]


class Composites(msgspec.Struct, frozen=True, gc=False):
    """The composite rules of a policy, in its order. The policy has a rule of each name, of the engine `rules`."""

    names: tuple[str, ...]
    conditions: Conditions
