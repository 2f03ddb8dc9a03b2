"""What runs in the role `media`: objects, each read and decoded once for all engines."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from streams.adapters.inspection import Likeness, Videos, looked_at, unlike
from streams.adapters.inspection import reports as reported_on
from streams.adapters.objects import Objects
from streams.adapters.picture import limits as media_limits
from streams.agents.media import Media, Outcome
from streams.core.case import Task
from streams.core.finding import Report
from streams.core.picture_task import Part, PictureTask
from streams.core.pictured import asked
from streams.roles.parts import Parts, Running
from streams.runtime.crash import die

MEDIA_CHUNK: Final = 16  # media tasks of one transaction: what one slow object holds up
MEDIA_THREADS: Final = 2  # pictures decoded at once: each may take 0.4 to 0.7 GB
VIDEO_THREADS: Final = 1  # videos at once, apart from the pictures, which would wait for them


def media(parts: Parts) -> Running:
    """Return the flow of tasks on objects; loads the networks."""
    settings = parts.settings
    limits = media_limits(settings)
    objects, engines = Objects(settings, locked=die), parts.media_engines
    for engine in engines:  # loads its networks now, not with the first picture
        engine.inspect([])
    threads = ThreadPoolExecutor(MEDIA_THREADS, thread_name_prefix="media")
    videos = Videos(VIDEO_THREADS)

    elsewhere = frozenset(parts.loaded.policy.picture_engines)
    likeness = _likeness(parts)

    async def reports(task: Task) -> Outcome:
        compared = likeness if elsewhere.intersection(task.engines) else unlike
        looks = await looked_at(objects, engines, task, limits, settings.media_timeout, threads, videos, compared)
        here = [name for name in task.engines if name not in elsewhere]
        said: list[Report | Part] = [*reported_on(engines, task, looks, here)]
        pictures: list[PictureTask] = []
        for name in sorted(elsewhere.intersection(task.engines)):
            tasks, at_once = asked(task, name, [(look.seen, look.failure) for look in looks])
            pictures += tasks
            said += at_once
        return Outcome(said, pictures)

    handler = Media(
        parts.intake(Task, "tasks-media"),
        parts.emission,
        inspected=reports,
        concurrency=settings.media_concurrency,
        metrics=parts.metrics,
    )
    # A rebalance waits for the videos of the batch in flight rather than end the process at the first of them.
    longest = MEDIA_CHUNK * 2 * settings.video_timeout
    return [parts.flow("tasks", handler, chunk=MEDIA_CHUNK, longest=longest)], []


def _likeness(parts: Parts) -> Likeness:
    """Return what makes pictures comparable, where an engine wants to know of near copies."""
    from streams.engines.rekognition import Rekognition  # noqa: PLC0415  only this role looks at pictures

    if not any(isinstance(one, Rekognition) and one.config.near_duplicates for one in parts.loaded.pictures):
        return unlike
    from streams.vision.pdq import likeness  # noqa: PLC0415

    return likeness
