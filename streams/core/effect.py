"""What executors do about decisions: effects on `effects-SINK`, their outcomes on `outcomes`, both by content id."""

from typing import Final, Literal

import msgspec

from streams.core.content import Count, Id, Milliseconds, Short
from streams.core.decision import Decision
from streams.core.judged_object import JudgedObject
from streams.core.work import Sink, Work

__all__ = ["Effect", "EffectRecord", "EffectsDue", "Outcome", "OutcomeStatus", "Sink", "Work"]

EFFECT_TAG: Final = "type"

# done: it is as it should be. failed: it is not, and nothing more is tried. superseded: a newer decision, or newer
# bytes at the place, made it moot. waiting: it is tried again.
OutcomeStatus = Literal["done", "failed", "superseded", "waiting"]


class Effect(msgspec.Struct, frozen=True, omit_defaults=True, tag="effect", tag_field=EFFECT_TAG, gc=False):
    """One thing to do about a decision, with all that the sink needs to know."""

    content_id: Id
    sink: Sink
    name: Short  # of the policy's effect
    work: Work
    decision: Decision
    target: dict[str, str]  # what the policy says of it: bucket, topic_arn, table, url; secrets by their file only
    at: Milliseconds  # when it was planned


class EffectsDue(msgspec.Struct, frozen=True, tag="effects_due", tag_field=EFFECT_TAG, gc=False):
    """A reminder: what waits for this content wants another try."""

    content_id: Id
    at: Milliseconds


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one effect; the last one of a decision, sink and name counts."""

    content_id: Id
    decision_id: Id
    revision: Count
    sink: Sink
    name: Short
    work: Work
    status: OutcomeStatus
    at: Milliseconds
    attempts: Count = 1
    reason: Short | None = None  # snake_case; of what is not done
    objects: tuple[JudgedObject, ...] = ()  # where they lie now, of `s3`
    region: Short | None = None


EffectRecord = Effect | EffectsDue
