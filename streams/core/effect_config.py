"""What every effect of a policy says, as an author writes it and as a plan; each sink adds keys of its own."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from streams.core.action import ACTIONS, Action
from streams.core.label import Kind, Severity
from streams.core.rule import PolicyAction
from streams.core.work import Sink, Work

UNDO: Final = "undo"  # the name of the effect that takes back what no effect of a newer decision replaces
ALL: Final = "all"


def _free(name: str) -> str:
    if name == UNDO:
        raise ValueError(f"{UNDO} is the name of what takes effects back: choose another one")
    return name


def _actions(written: Any) -> Any:
    return list(ACTIONS) if written == ALL else written


Actions = Annotated[
    list[PolicyAction],
    BeforeValidator(_actions, json_schema_input_type=Literal["all"] | list[Action]),
    Field(min_length=1),
]


class EffectPlan(msgspec.Struct, frozen=True, gc=False):
    """An effect of a compiled policy. What is None is no condition."""

    name: str
    sink: Sink
    work: Work
    target: Mapping[str, str]  # what the sink needs to know; no secrets
    actions: frozenset[str]
    kinds: frozenset[str] | None = None
    escalated: bool | None = None
    min_severity: Severity | None = None  # a decision without a severity has less than any
    labels: frozenset[str] | None = None  # any of them


class EffectConfig(BaseModel):
    """What every effect can say; the sinks' models add `sink`, `work` and keys of their own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64), AfterValidator(_free)]
    sink: Sink
    work: Work
    on: Actions  # `all`, or the actions of decisions that it follows
    kinds: list[Kind] | None = Field(default=None, min_length=1)
    escalated: bool | None = None
    min_severity: Severity | None = None
    labels: list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]] | None = Field(
        default=None, min_length=1
    )

    def target(self) -> dict[str, str]:
        """Return what the sink needs to know, as the effect's record carries it."""
        return {}

    def plan(self) -> EffectPlan:
        """Return the compiled effect."""
        return EffectPlan(
            name=self.name,
            sink=self.sink,
            work=self.work,
            target=self.target(),
            actions=frozenset(self.on),
            kinds=None if self.kinds is None else frozenset(self.kinds),
            escalated=self.escalated,
            min_severity=self.min_severity,
            labels=None if self.labels is None else frozenset(self.labels),
        )
