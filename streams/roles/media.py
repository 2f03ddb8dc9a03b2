"""What runs in the role `media`: objects, each read and decoded once for all engines."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from msgspec import structs

from streams.adapters.inspection import Likeness, Videos, looked_at, unlike, with_objects
from streams.adapters.inspection import reports as reported_on
from streams.adapters.objects import Objects
from streams.adapters.picture import limits as media_limits
from streams.adapters.policies import Loaded
from streams.agents.media import Media, Outcome
from streams.core.case import Task
from streams.core.finding import Report, reported
from streams.core.picture_task import Part, PictureTask
from streams.core.pictured import asked
from streams.core.unknown_policy import UNKNOWN
from streams.roles.parts import Parts, Running
from streams.runtime.crash import die

MEDIA_CHUNK: Final = 16  # media tasks of one transaction: what one slow object holds up
MEDIA_THREADS: Final = 2  # pictures decoded at once: each may take 0.4 to 0.7 GB
VIDEO_THREADS: Final = 1  # videos at once, apart from the pictures, which would wait for them


def media(parts: Parts) -> Running:
    """Return the flow of tasks on objects; loads the networks of the policies that judge now."""
    settings, book = parts.settings, parts.book
    limits = media_limits(settings)
    objects = Objects(settings, locked=die)
    for engine in {id(engine): engine for loaded in book.every for engine in loaded.looking}.values():
        engine.inspect([])  # loads its networks now, not with the first picture
    threads = ThreadPoolExecutor(MEDIA_THREADS, thread_name_prefix="media")
    videos = Videos(VIDEO_THREADS)

    async def reports(task: Task) -> Outcome:
        loaded = await book.find(task.policy)
        if loaded is None:
            parts.metrics.unknown_policies.labels(parts.role).inc()
            return Outcome([reported(task.content_id, name, "", UNKNOWN, 0.0) for name in task.engines])
        engines, elsewhere = loaded.looking, frozenset(loaded.policy.picture_engines)
        compared = likeness_of(loaded) if elsewhere.intersection(task.engines) else unlike
        looks = await looked_at(objects, engines, task, limits, settings.media_timeout, threads, videos, compared)
        here = [name for name in task.engines if name not in elsewhere]
        said: list[Report | Part] = [*with_objects(reported_on(engines, task, looks, here), task, looks)]
        pictures: list[PictureTask] = []
        # Others judge the bytes that were read here, whatever comes to lie there meanwhile.
        objects_read = zip(task.objects, looks, strict=True)
        fixed = structs.replace(task, objects=tuple((kind, look.location or at) for (kind, at), look in objects_read))
        for name in sorted(elsewhere.intersection(task.engines)):
            tasks, at_once = asked(fixed, name, [(look.seen, look.failure) for look in looks])
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


def likeness_of(loaded: Loaded) -> Likeness:
    """Return what makes pictures comparable, where an engine of a policy wants to know of near copies."""
    from streams.engines.rekognition import Rekognition  # noqa: PLC0415  only this role looks at pictures

    if not any(isinstance(one, Rekognition) and one.config.near_duplicates for one in loaded.pictures):
        return unlike
    from streams.vision.pdq import likeness  # noqa: PLC0415

    return likeness
