"""The section `effects` of a policy: a list of effects by sink in, plans out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Final

import msgspec
from pydantic import AfterValidator, Field

from streams.core.dynamodb_effect import DynamoDbEffect
from streams.core.effect_config import EffectPlan
from streams.core.s3_effect import S3Effect
from streams.core.sns_effect import SnsEffect
from streams.core.webhook_effect import WebhookEffect

MOST: Final = 50  # effects of one policy
COPIES: Final = "copies"  # in a target: where this policy quarantines, `bucket/prefix`, one a line

AnyEffect = Annotated[S3Effect | SnsEffect | DynamoDbEffect | WebhookEffect, Field(discriminator="sink")]


def _unique(effects: list[AnyEffect]) -> list[AnyEffect]:
    for name, times in Counter(effect.name for effect in effects).items():
        if times > 1:
            raise ValueError(f"{name}: occurs {times} times: names of effects are unique within a policy")
    return effects


Effects = Annotated[list[AnyEffect], Field(max_length=MOST), AfterValidator(_unique)]


def compiled_effects(effects: Iterable[AnyEffect]) -> tuple[EffectPlan, ...]:
    """Return the plans; each on stored objects knows where the policy's quarantined copies lie, to undo them."""
    plans = [effect.plan() for effect in effects]
    copies = copies_of(plans)
    return tuple(_knowing(plan, copies) for plan in plans)


def copies_of(plans: Sequence[EffectPlan]) -> str:
    """Return where quarantined copies of a policy lie: `bucket/prefix`, one a line."""
    places = [f"{plan.target['bucket']}/{plan.target['prefix']}" for plan in plans if plan.work == "quarantine"]
    return "\n".join(dict.fromkeys(places))


def _knowing(plan: EffectPlan, copies: str) -> EffectPlan:
    if plan.sink != "s3" or not copies:
        return plan
    return msgspec.structs.replace(plan, target={**plan.target, COPIES: copies})
