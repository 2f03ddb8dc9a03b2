"""What the role of an engine that judges stored videos by jobs is told: records of one topic, keyed by content id.

A task begins the jobs of a content; that a job has ended and that its content wants attention come as records too, so
that whoever owns the content handles all three in its transaction, in one order.
"""

from typing import Final

import msgspec

from streams.core.content import Id, Location, Milliseconds, Short
from streams.core.label import Kind
from streams.core.policy import PolicyRef

RECORD_TAG: Final = "type"


class VideoTask(msgspec.Struct, frozen=True, omit_defaults=True, tag="video_task", tag_field=RECORD_TAG, gc=False):
    """The videos of one content that an engine must judge where they lie."""

    content_id: Id
    kind: Kind  # of the content; an attachment's own kind stands beside its location
    engine: str
    objects: tuple[tuple[str, Location], ...]  # ("image" | "video", where the bytes lie), in the order of the content
    policy: PolicyRef
    deadline_at: Milliseconds
    tenant: str | None = None


class JobEnded(msgspec.Struct, frozen=True, tag="job_ended", tag_field=RECORD_TAG, gc=False):
    """Somebody says that a job has ended; how it ended, only the service itself is asked."""

    content_id: Id
    job_id: Short
    at: Milliseconds


class JobsDue(msgspec.Struct, frozen=True, tag="jobs_due", tag_field=RECORD_TAG, gc=False):
    """The jobs of a content want attention: one is overdue, waits to be started, or the deadline is near."""

    content_id: Id
    at: Milliseconds


VideoRecord = VideoTask | JobEnded | JobsDue
