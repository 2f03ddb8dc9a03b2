"""What is held against a policy: the answers of the engines, and what is known of a content beside them."""

from collections.abc import Sequence

import msgspec

from streams.core.condition import Counts, Early
from streams.core.finding import Answer
from streams.core.judged_object import JudgedObject
from streams.core.label import Kind
from streams.core.restriction import Standing

Answers = Sequence[tuple[str, Answer]]  # (engine, what it answered), each engine once


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What the judge must know of a content, beside the answers."""

    content_id: str
    kind: Kind
    user_id: str
    received_at: int  # milliseconds since 1970
    role: str | None = None
    conversation_id: str | None = None
    tenant: str | None = None
    context: tuple[str, ...] = ()  # content ids of the last ten messages, oldest first
    masked_text: str | None = None  # what others see if the action masks
    objects: tuple[JudgedObject, ...] = ()  # as announced
    early: tuple[str, ...] = ()  # as in CaseOpened
    inputs: Early | None = None  # what conditions read, where the content itself is at hand: then `early` is not needed
    trusted: bool | None = None  # the platform's word on the user
    user_created_at: int | None = None  # milliseconds since 1970
    resubmits: str | None = None  # content id
    previous: str | None = None  # as in CaseOpened
    standing: Standing | None = None  # of the user; None where nothing lies against him or for him


def alone(text: str) -> Facts:
    """Return what is known of a text by itself, of an author whom nobody knows: for trials and measurements."""
    inputs = Early(text=text, content_length=len(text), counts=Counts(1, 1, 1, 0, 1))
    return Facts("", "message", "", 0, inputs=inputs)
