"""A case: one content that waits for the reports of several engines, folded from `findings` in any order.

Opened, reported and expired may come in any order and any number of times; the case closes once.
"""

from typing import Final

import msgspec

from streams.core.content import Id, Location
from streams.core.finding import Report
from streams.core.label import Kind
from streams.core.policy import PolicyRef

FINDING_TAG: Final = "type"


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """What media engines are asked to inspect; one record on `tasks-media`, keyed by content id."""

    content_id: Id
    kind: Kind  # of the content; an attachment's own kind stands beside its location
    objects: tuple[tuple[str, Location], ...]  # ("image" | "video", where the bytes lie), in the order of the content
    engines: tuple[str, ...]  # each of them must answer
    policy: PolicyRef
    deadline_at: int  # milliseconds since 1970
    tenant: str | None = None


class CaseOpened(msgspec.Struct, frozen=True, omit_defaults=True, tag="case_opened", tag_field=FINDING_TAG):
    """The first word on a content that needs more than one answer; holds no text beyond the masked one."""

    content_id: Id
    kind: Kind
    user_id: str
    required: tuple[str, ...]  # engines whose reports come later
    reports: tuple[Report, ...]  # of engines that have answered already
    policy: PolicyRef
    deadline_at: int  # milliseconds since 1970
    received_at: int  # milliseconds since 1970
    context: tuple[str, ...] = ()
    conversation_id: str | None = None
    tenant: str | None = None
    role: str | None = None
    masked_text: str | None = None  # used when the decision masks


class CaseExpired(msgspec.Struct, frozen=True, tag="case_expired", tag_field=FINDING_TAG):
    """The deadline of an open case has passed: judge with what is there."""

    content_id: Id
    at: int  # milliseconds since 1970


FindingRecord = CaseOpened | Report | CaseExpired
