"""What runs in the role `rekognition_video`: stored videos, each a job of the service."""

from collections.abc import Awaitable
from typing import Any, NamedTuple

from streams.adapters.sqs import Queue
from streams.agents.clients import Clients
from streams.agents.while_wanted import WhileWanted
from streams.core.video_task import VideoRecord
from streams.roles.parts import ASK_CHUNK, ASK_CONCURRENCY, Parts, Running
from streams.runtime.deadlines import Deadlines
from streams.runtime.producing import new_producer
from streams.topology import tasks_of


class _Told(NamedTuple):
    """A queue that tells of jobs."""

    url: str
    region: str


def rekognition_video(parts: Parts) -> Running:
    """Return what watches over the jobs of the engine: the flow of its tasks, its reminders, and those of queues."""
    from streams.adapters.rekognition_video import video_jobs  # noqa: PLC0415  only this role needs the client
    from streams.agents.job_ends import JobEnds  # noqa: PLC0415
    from streams.agents.reminders import Reminders  # noqa: PLC0415
    from streams.agents.video import LONGEST as LOOK  # noqa: PLC0415
    from streams.agents.video import Video, Watching  # noqa: PLC0415
    from streams.engines.rekognition_video import RekognitionVideo  # noqa: PLC0415

    settings, metrics = parts.settings, parts.metrics
    topic = settings.topic_prefix + tasks_of(parts.role)

    def current() -> list[RekognitionVideo]:
        return parts.engines(RekognitionVideo)

    def watching(engine: RekognitionVideo) -> Watching:
        return Watching(engine, video_jobs(engine, settings.s3_endpoint, settings.s3_region), metrics)

    clients = Clients(watching, Watching.close, current)
    clients.begin()
    handler = Video(
        parts.intake(VideoRecord, tasks_of(parts.role)),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        engine=parts.role,
        book=parts.book,
        using=clients.using,
        concurrency=ASK_CONCURRENCY,
        metrics=metrics,
    )
    deadlines = Deadlines(handler.due)
    idle = int(settings.repeat_seconds * 1000)
    # Open jobs stay however long the outage: they must not end without a report.
    flow = parts.flow(
        "jobs",
        handler,
        idle_of=lambda _key: idle,
        keeps=lambda value: handler.due(value) is not None,
        watchers=[deadlines],
        chunk=ASK_CHUNK,
        longest=2 * LOOK,
    )

    def producer() -> Any:
        return new_producer(parts.connection)

    def queues() -> set[_Told]:
        return {_Told(url, engine.config.region) for engine in current() if (url := engine.config.queue_url)}

    def ends(told: _Told) -> Awaitable[None]:
        queue = Queue(
            told.url, region=told.region, endpoint=None, wait=settings.sqs_wait, visibility=settings.sqs_visibility
        )
        return JobEnds(queue, producer, parts.emission, topic, settings.partitions)()

    return [flow], [Reminders(deadlines, producer, parts.emission.jobs_due, topic), WhileWanted(queues, ends)]
