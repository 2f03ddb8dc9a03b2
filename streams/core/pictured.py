"""A content's pictures in, what an engine in a role of its own is asked about each out, or why it is not asked."""

from collections.abc import Sequence
from typing import Final

from streams.core.case import Task
from streams.core.finding import Answer, Report, reported
from streams.core.picture_task import Part, PictureTask, Seen

NO_PICTURE: Final = Answer("not_evaluated", "no_picture")


def asked(
    task: Task, engine: str, seen: Sequence[tuple[Seen | None, Answer | None]]
) -> tuple[list[PictureTask], list[Report | Part]]:
    """Return the tasks, and what is said at once of objects that are no pictures or could not be read.

    `seen` is what the bytes of each object are, and why it could not be read or decoded, in the order of the objects.
    """
    tasks: list[PictureTask] = []
    reports: list[Report | Part] = []
    of = len(task.objects)
    for number, ((_, location), (one, failure)) in enumerate(zip(task.objects, seen, strict=True)):
        if one is None or failure is not None or one.kind != "image":
            report = reported(task.content_id, engine, "", failure or NO_PICTURE, 0.0)
            reports.append(report if of == 1 else Part(task.content_id, number, of, report))
            continue
        tasks.append(
            PictureTask(
                content_id=task.content_id,
                kind=task.kind,
                engine=engine,
                sha256=one.sha256,
                location=location,
                format=one.format,
                size=one.size,
                width=one.width,
                height=one.height,
                frames=one.frames,
                number=number,
                of=of,
                policy=task.policy,
                deadline_at=task.deadline_at,
                tenant=task.tenant,
                pdq=one.pdq,
            )
        )
    return tasks, reports
