"""A policy: which engines run on which content, what each rule leads to. Immutable, with a version that is its hash."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from streams.core.action import Action
from streams.core.applies import EVERYTHING, AppliesTo, Claim
from streams.core.asking import Asking
from streams.core.composite import Composites, Rules
from streams.core.effect_config import EffectPlan
from streams.core.effects_config import Effects
from streams.core.exemption import Exempt, Exemption
from streams.core.notices import Notices, NoticesConfig
from streams.core.review_rules import ReviewConfig
from streams.core.rule import FailureMode, Mode, PolicyAction, Rule, holding
from streams.core.standing_rules import StandingConfig, StandingRules


class Document(BaseModel):
    """A policy as written; `engines` holds one raw configuration per engine, checked by that engine's own model."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64, description="Names the policy in every decision.")
    mode: Mode = Field(default="enforce", description="shadow: everything is listed and nothing has an effect.")
    applies_to: AppliesTo = Field(default=AppliesTo(), description="Which content the policy judges.")
    engines: dict[str, Any] = Field(min_length=1, description="Engine -> its configuration; {} for its defaults.")
    rules: Rules = Field(default=[], description="Composite rules: conditions over what is found and known.")
    exempt: list[Exemption] = Field(default=[], description="Whose content passes; each entry by itself.")
    failure: dict[str, FailureMode] = Field(
        default={"default": "closed"},
        description="Engine, or `rules` -> what a missing answer means; `default` for the rest.",
    )
    failure_action: Annotated[PolicyAction, AfterValidator(holding)] = Field(
        default="flag", description="What `closed` leads to."
    )
    deadline: str = Field(
        default="30s", pattern=r"^[1-9][0-9]{0,5}(ms|s|m)$", description="How long a content waits for its engines."
    )
    effects: Effects = Field(default=[], description="What executors do about decisions.")
    notices: NoticesConfig = Field(
        default={}, description="What authors are told: locale -> label, or `default` -> sentence."
    )
    standing: StandingConfig | None = Field(default=None, description="What becomes of users with a history.")
    review: ReviewConfig = Field(default=ReviewConfig(), description="What is asked of moderators.")


class PolicyRef(msgspec.Struct, frozen=True, gc=False):
    """Names the policy version that judged."""

    id: str
    version: str


class Marks(msgspec.Struct, frozen=True, gc=False):
    """How much a conversation remembers of its last texts, beside the messages themselves: for floods."""

    most: int = 0  # marks of one conversation; 0 where no engine looks at them
    horizon_ms: int = 0  # how far back


NO_MARKS: Final = Marks()


class Policy(msgspec.Struct, frozen=True, gc=False):
    """A compiled policy: what the judge needs of it."""

    ref: PolicyRef
    kinds: frozenset[str]
    rules: Mapping[tuple[str, str], Rule]  # (engine, rule name) -> rule
    text_engines: tuple[str, ...]  # inline
    media_engines: tuple[str, ...]  # those that the role `media` asks, or has asked
    exempt: tuple[Exempt, ...]
    failure: Mapping[str, FailureMode]  # engine -> mode, complete for its engines
    failure_action: Action
    deadline_ms: int
    apart_engines: tuple[str, ...] = ()  # for texts, each in a role of its own
    asking: Mapping[str, Asking] = {}  # apart engine -> when it is asked; always where it is not named
    marks: Marks = NO_MARKS
    picture_engines: tuple[str, ...] = ()  # of the media engines, those with a role of their own
    video_engines: tuple[str, ...] = ()  # judge stored videos by jobs of a service, each in a role of its own
    claim: Claim = EVERYTHING  # which content it judges, beside its kinds
    mode: Mode = "enforce"
    effects: tuple[EffectPlan, ...] = ()  # what executors do about decisions
    notices: Notices = {}
    composites: Composites | None = None  # their rules stand in `rules`, of the engine `rules`
    standing: StandingRules | None = None  # None where the policy says nothing of users with a history
    via_standing: bool = False  # what is not allowed goes past the standing of its author, who may change it

    @property
    def masks(self) -> bool:
        """Say whether any rule may hide spans of a text."""
        return any(rule.masks for rule in self.rules.values())
