"""What runs in the role `rekognition_video`: stored videos, each a job of the service."""

from collections.abc import Callable
from typing import Any

from streams.adapters.sqs import Queue
from streams.core.video_task import VideoRecord
from streams.roles.parts import ASK_CHUNK, ASK_CONCURRENCY, Parts, Running
from streams.runtime.deadlines import Deadlines
from streams.runtime.producing import new_producer
from streams.topology import tasks_of


def rekognition_video(parts: Parts) -> Running:
    """Return what watches over the jobs of the engine: the flow of its tasks, its reminders, and the queue's."""
    from streams.adapters.rekognition_video import video_jobs  # noqa: PLC0415  only this role needs the client
    from streams.agents.job_ends import JobEnds, Reminders  # noqa: PLC0415
    from streams.agents.video import LONGEST as LOOK  # noqa: PLC0415
    from streams.agents.video import Video, Watching  # noqa: PLC0415
    from streams.engines.rekognition_video import RekognitionVideo  # noqa: PLC0415

    settings = parts.settings
    engine = next((engine for engine in parts.loaded.jobs if engine.name == parts.role), None)
    if engine is not None and not isinstance(engine, RekognitionVideo):
        raise TypeError(f"{parts.role} runs {RekognitionVideo.__name__}")
    topic = settings.topic_prefix + tasks_of(parts.role)
    handler = Video(
        parts.intake(VideoRecord, tasks_of(parts.role)),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        engine=parts.role,
        watching=None
        if engine is None
        else Watching(engine, video_jobs(engine, settings.s3_endpoint, settings.s3_region), parts.metrics),
        concurrency=ASK_CONCURRENCY,
        metrics=parts.metrics,
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

    tasks: list[Callable[[], Any]] = [Reminders(deadlines, producer, parts.emission, topic)]
    if engine is not None and engine.config.queue_url is not None:
        queue = Queue(
            engine.config.queue_url,
            region=engine.config.region,
            endpoint=None,
            wait=settings.sqs_wait,
            visibility=settings.sqs_visibility,
        )
        tasks.append(JobEnds(queue, producer, parts.emission, topic, settings.partitions))
    return [flow], tasks
