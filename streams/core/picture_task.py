"""What an engine in a role of its own is asked about one picture, and how its answers become one report.

A task's key is the SHA-256 of the bytes: equal pictures meet in one partition, so that they are judged once. A content
with several objects gets a part of its report from each; all parts of an engine together are its report.
"""

from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from streams.core.content import Count, Id, Location, Milliseconds
from streams.core.finding import Answer, Cost, Report, answered, reported
from streams.core.judged_object import JudgedObject
from streams.core.label import Kind
from streams.core.merged import merged
from streams.core.policy import PolicyRef

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Number = Annotated[int, Meta(ge=0, le=1_000)]

MISSING: Final = Answer("timeout", "deadline")


class Seen(NamedTuple):
    """What the bytes of an object are."""

    sha256: str  # of the bytes as stored, lower-case hexadecimal
    kind: str  # image or video
    format: str  # as sniffed
    size: int  # bytes
    width: int = 0  # pixels; 0 where nothing was decoded
    height: int = 0
    frames: int = 0  # decoded ones: more than one of an animation
    pdq: tuple[str, ...] = ()  # of a still picture, as in PictureTask; only where it is wanted


class PictureTask(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One picture of a content, and what is known of it."""

    content_id: Id
    kind: Kind  # of the content
    engine: str
    sha256: Digest  # of the bytes as stored
    location: Location
    format: str  # as sniffed from the bytes: JPEG, PNG, WEBP, GIF
    size: Count  # bytes
    width: Count  # pixels
    height: Count
    frames: Count  # that an animation was decoded into; 1 for a still picture
    number: Number  # of the object, from 0
    of: Number  # objects of the content
    policy: PolicyRef
    deadline_at: Milliseconds
    tenant: str | None = None
    # PDQ of a still picture and of its seven turned and mirrored forms, the picture first; empty where near copies are
    # not wanted, and for a picture with too little structure.
    pdq: Annotated[tuple[Digest, ...], Meta(max_length=8)] = ()


class Part(msgspec.Struct, frozen=True, omit_defaults=True, tag="part", tag_field="type", gc=False):
    """What one engine says of one of several objects of a content; a record on `findings`, keyed by content id."""

    content_id: Id
    number: Number
    of: Number
    report: Report


def replied(task: PictureTask, version: str, answer: Answer, duration_ms: float, cost: Cost | None) -> Report | Part:
    """Return the report on a task's content, or the part of it that speaks of the task's object."""
    report = reported(task.content_id, task.engine, version, answer, duration_ms, cost=cost)
    report = msgspec.structs.replace(report, objects=(JudgedObject("image", task.location, task.sha256, task.size),))
    return report if task.of == 1 else Part(task.content_id, task.number, task.of, report)


def whole(parts: tuple[Part, ...]) -> Report:
    """Return the parts of one engine as its report; a part that is missing counts as one that came too late."""
    first = parts[0].report
    by_number = {part.number: part.report for part in parts}
    found = [by_number.get(number) for number in range(parts[0].of)]
    answers = [MISSING if report is None else answered(report) for report in found]
    report = reported(
        first.content_id,
        first.engine,
        max(part.report.engine_version for part in parts),
        merged(answers, numbered=True),
        sum(part.report.duration_ms for part in parts),
        cost=_together([part.report.cost for part in parts]),
    )
    return msgspec.structs.replace(report, objects=tuple(each for one in found if one for each in one.objects))


def _together(costs: list[Cost | None]) -> Cost | None:
    known = [cost for cost in costs if cost is not None]
    return Cost(sum(cost.calls for cost in known), sum(cost.cached for cost in known)) if known else None
