"""What a queue shows: a filter over the fields of review items; empty, it lets every open item pass."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from streams.core.content import Milliseconds
from streams.core.label import Kind, Severity

Word = Annotated[str, Meta(max_length=256)]
Words = Annotated[tuple[Word, ...], Meta(max_length=50)]
Percent = Annotated[float, Meta(ge=0, le=100)]


class Filter(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Values of one field are alternatives; fields are joined by `and`."""

    status: Literal["open", "closed", "all"] = "open"
    labels: Words = ()
    severities: Annotated[tuple[Severity | Literal["none"], ...], Meta(max_length=5)] = ()
    min_confidence: Percent | None = None
    max_confidence: Percent | None = None
    actions: Words = ()
    engines: Words = ()
    rules: Words = ()  # `engine.rule`, or `rule`
    kinds: Annotated[tuple[Kind, ...], Meta(max_length=6)] = ()
    tenants: Words = ()
    user: Word | None = None
    conversation: Word | None = None
    content: Word | None = None  # its id
    languages: Words = ()
    policy: Word | None = None
    assigned: Word | None = None  # an account; `nobody`
    claimed: Literal["nobody", "anybody", "me"] | None = None
    escalated: bool | None = None
    since: Milliseconds | None = None  # opened at or after
    until: Milliseconds | None = None  # opened before
    text: Word | None = None  # words that its text holds, all of them
    media: bool = False  # pictures and videos, and what has some attached
