"""What a policy says of users with a history: strikes, the ladder that they climb, leniency, trust, restrictions."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from streams.core.action import Action
from streams.core.duration import duration_ms
from streams.core.restriction import RestrictionKind
from streams.core.rule import PolicyAction

DEFAULT: Final = "default"  # the key that stands for every label which is not named
HIGHEST: Final = 100  # weight of a strike, and strikes of a step of the ladder
# What a restricted user's content comes to where a policy does not say it.
RESTRICTED: Final[Mapping[RestrictionKind, Action]] = {"mute": "block", "restrict": "shadow_block"}

EXPIRE: Final = "90d"  # of strikes

_LABEL: Final = r"^[a-z][a-z0-9_]*$"


def _one_of(allowed: tuple[Action, ...], why: str) -> AfterValidator:
    def check(action: Action) -> Action:
        if action not in allowed:
            raise ValueError(f"{action} {why}: one of {', '.join(allowed)}")
        return action

    return AfterValidator(check)


Label = Annotated[str, Field(pattern=_LABEL, max_length=64)]
Weight = Annotated[int, Field(ge=0, le=HIGHEST)]
# To ten years: a date of any clock, and this after it, can still be written.
Period = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,3}d|[1-9][0-9]{0,4}[hm]|[1-9][0-9]{0,5}s)$")]
Counted = Annotated[
    PolicyAction,
    _one_of(("flag", "mask", "mask_flag", "bounce", "shadow_block", "block"), "is no end: what bounces ends otherwise"),
]
Softened = Annotated[
    PolicyAction,
    _one_of(("flag", "bounce", "bounce_flag", "bounce_block"), "is no mild end"),
]
Silencing = Annotated[
    PolicyAction, _one_of(("flag", "bounce", "shadow_block", "block"), "is nothing that a restriction can come to")
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StrikesConfig(_Section):
    """What counts against an author, how much, and for how long."""

    count: list[Counted] = Field(default=["block", "shadow_block"], min_length=1)
    labels: dict[Label, Weight] = {DEFAULT: 1}  # weight of a strike; 0 for a label that never counts
    expire: Annotated[
        dict[Label, Period],
        BeforeValidator(
            lambda value: {DEFAULT: value} if isinstance(value, str) else value,
            json_schema_input_type=Period | dict[Label, Period],
        ),
    ] = {DEFAULT: EXPIRE}


class StepConfig(_Section):
    """A step of the ladder: what so many strikes that count at a time lead to."""

    strikes: int = Field(ge=1, le=HIGHEST)
    do: Literal["notice", "mute", "restrict"]
    lasts: Period | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.do == "notice" and self.lasts is not None:
            raise ValueError("a notice has no end: leave out `for`")
        return self


class LeniencyConfig(_Section):
    """What the first violation of a user without any history comes to."""

    first: Softened = "flag"
    labels: list[Label] | None = Field(default=None, min_length=1)  # every label where None
    never: list[Label] = Field(default=["child_safety", "terrorism"], alias="except")


class TrustedConfig(_Section):
    """What the violations of trusted authors come to; who is exempt altogether, `exempt` says."""

    labels: list[Label] | None = Field(default=None, min_length=1)  # every label where None
    never: list[Label] = Field(default=["child_safety", "terrorism"], alias="except")
    action: Softened = "flag"


class RestrictedConfig(_Section):
    """What the content of restricted users comes to."""

    mute: Silencing = RESTRICTED["mute"]
    restrict: Silencing = RESTRICTED["restrict"]


def _ascending(ladder: list[StepConfig]) -> list[StepConfig]:
    steps = [(step.strikes, step.do) for step in ladder]
    wrong = next((later for earlier, later in pairwise(steps) if later[0] < earlier[0]), None)
    if wrong is not None:
        raise ValueError(f"the step of {wrong[0]} strikes stands after one of more: put the steps in their order")
    if len(set(steps)) < len(steps):
        raise ValueError("two steps of as many strikes do the same: leave one out")
    return ladder


class StandingConfig(_Section):
    """The section `standing` of a policy."""

    strikes: StrikesConfig = StrikesConfig()
    ladder: Annotated[list[StepConfig], Field(max_length=20), AfterValidator(_ascending)] = []
    leniency: LeniencyConfig | None = None
    trusted: TrustedConfig | None = None
    restricted: RestrictedConfig = RestrictedConfig()

    def named(self) -> Iterator[tuple[str, str]]:
        """Yield every label that the section names, after the key under which it stands."""
        strikes = self.strikes
        for key, labels in (("strikes.labels", strikes.labels), ("strikes.expire", strikes.expire)):
            yield from ((key, label) for label in labels if label != DEFAULT)
        for key, softening in (("leniency", self.leniency), ("trusted", self.trusted)):
            if softening is not None:
                yield from ((f"{key}.labels", label) for label in softening.labels or ())
                yield from ((f"{key}.except", label) for label in softening.never)

    def rules(self) -> "StandingRules":
        """Return the section as the standing reads it."""
        strikes, lenient, trusted = self.strikes, self.leniency, self.trusted
        return StandingRules(
            counted=frozenset(strikes.count),
            weights={DEFAULT: 1, **strikes.labels},
            expiry_ms={label: duration_ms(text) for label, text in {DEFAULT: EXPIRE, **strikes.expire}.items()},
            ladder=tuple(
                Step(step.strikes, step.do, None if step.lasts is None else duration_ms(step.lasts))
                for step in self.ladder
            ),
            leniency=None if lenient is None else Softening(lenient.first, _set(lenient.labels), _set(lenient.never)),
            trusted=None if trusted is None else Softening(trusted.action, _set(trusted.labels), _set(trusted.never)),
            restricted={"mute": self.restricted.mute, "restrict": self.restricted.restrict},
        )


def _set(labels: list[str] | None) -> Any:
    return None if labels is None else frozenset(labels)


class Step(msgspec.Struct, frozen=True, gc=False):
    """A step of the ladder."""

    strikes: int
    do: Literal["notice", "mute", "restrict"]
    lasts_ms: int | None = None  # until released without it


class Softening(msgspec.Struct, frozen=True, gc=False):
    """Which violations come to something milder."""

    action: Action
    labels: frozenset[str] | None = None  # every label where None
    never: frozenset[str] = frozenset()

    def covers(self, label: str) -> bool:
        """Say whether violations of this label come to something milder."""
        return label not in self.never and (self.labels is None or label in self.labels)


class StandingRules(msgspec.Struct, frozen=True, gc=False):
    """What a policy says of users with a history, compiled."""

    counted: frozenset[Action] = frozenset()  # what ends in one of them is a strike
    weights: Mapping[str, int] = msgspec.field(default_factory=lambda: {DEFAULT: 1})
    expiry_ms: Mapping[str, int] = msgspec.field(default_factory=lambda: {DEFAULT: duration_ms(EXPIRE)})
    ladder: tuple[Step, ...] = ()  # by strikes, ascending
    leniency: Softening | None = None
    trusted: Softening | None = None
    restricted: Mapping[RestrictionKind, Action] = msgspec.field(default_factory=lambda: dict(RESTRICTED))

    def weight(self, label: str) -> int:
        """Return what a strike for this label weighs, 0 where there is none."""
        return self.weights.get(label, self.weights[DEFAULT])

    def expiry(self, label: str) -> int:
        """Return for how many milliseconds a strike for this label counts."""
        return self.expiry_ms.get(label, self.expiry_ms[DEFAULT])


# Of a policy without the section: nothing counts; what bounces bounces.
NO_RULES: Final = StandingRules()
