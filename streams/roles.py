"""What runs in each role: the flows of its agents and the tasks beside them. Explicit lists; nothing is discovered."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, TypeVar

from streams import topology
from streams.adapters.inspection import Likeness, Videos, looked_at, unlike
from streams.adapters.inspection import reports as reported_on
from streams.adapters.objects import Objects
from streams.adapters.picture import limits as media_limits
from streams.adapters.policies import Loaded
from streams.adapters.registry import Registry
from streams.adapters.sqs import Queue
from streams.adapters.wire import Reader
from streams.agents.beside import LONGEST, slow
from streams.agents.bridge import Bridge, Topics, Unusable
from streams.agents.emission import Emission
from streams.agents.inspect import MARGIN, SHARE, Inspect, Questions
from streams.agents.intake import Intake
from streams.agents.join import Expiry, Join
from streams.agents.media import Media, Outcome
from streams.agents.messages import Messages
from streams.agents.uploads import Events, Opening, Uploads
from streams.core.case import FindingRecord, Task
from streams.core.content import Message, Upload
from streams.core.engine import Apart, Engine
from streams.core.finding import Report
from streams.core.judge import Judge
from streams.core.judged_media import JudgedMedia
from streams.core.picture_task import Part, PictureTask
from streams.core.pictured import asked
from streams.core.screen import LONE, Limits
from streams.core.task import TextTask
from streams.core.video_task import VideoRecord
from streams.metrics import Metrics, RuntimeMetrics
from streams.runtime.crash import die
from streams.runtime.deadlines import Deadlines
from streams.runtime.fenced import FencedTable
from streams.runtime.flow import Flow, Handler
from streams.runtime.follow import Follower
from streams.runtime.owned import Times, Watcher
from streams.runtime.producing import new_producer
from streams.runtime.unit import Unit
from streams.settings import Settings
from streams.topology import DAY, Role, dead_letters, tasks_of

T = TypeVar("T")

MEDIA_CHUNK: Final = 16  # media tasks of one transaction: what one slow object holds up
SLOW_CHUNK: Final = 256  # texts of one transaction where some take milliseconds: about a second
ASK_CHUNK: Final = 16  # tasks on texts of one transaction: what one slow answer holds up
ASK_CONCURRENCY: Final = 128  # of all partitions; what an engine's own interface bears, its configuration says
MEDIA_THREADS: Final = 2  # pictures decoded at once: each may take 0.4 to 0.7 GB
VIDEO_THREADS: Final = 1  # videos at once, apart from the pictures, which would wait for them

# What a role consists of: flows, and tasks that run until the worker stops.
Running = tuple[list[Flow], list[Callable[[], Any]]]


@dataclass
class Parts:
    """What the agents of one role share."""

    settings: Settings
    role: Role
    judge: Judge
    loaded: Loaded
    metrics: Metrics
    registry: Registry | None
    emission: Emission
    connection: Mapping[str, Any]  # for aiokafka

    @property
    def text_engines(self) -> Sequence[Engine]:
        """Return the engines that run inline."""
        return [engine for engine in self.loaded.engines if engine.accepts == "text"]

    @property
    def media_engines(self) -> Sequence[Engine]:
        """Return the engines that need decoded media."""
        return [engine for engine in self.loaded.engines if engine.accepts == "media"]

    def apart(self, name: str) -> Apart | None:
        """Return an engine with a role of its own, None where the policy does not name it."""
        return next((engine for engine in self.loaded.apart if engine.name == name), None)

    def intake(self, record: type[T], source: str, *, needs_key: bool = True) -> Intake[T]:
        """Return the intake of a source topic."""
        settings = self.settings
        return Intake(
            Reader(record, limit=settings.record_limit, registry=self.registry),
            topic=source,
            dead_letters=settings.topic_prefix + dead_letters(source),
            share=settings.dead_letter_share,
            metrics=self.metrics,
            needs_key=needs_key,
            registry=self.registry,
        )

    def flow(
        self,
        table: str,
        handler: Handler,
        *,
        idle_of: Callable[[bytes], int] | None = None,
        keeps: Callable[[bytes], bool] = lambda _value: False,
        on_expiry: Callable[[Unit, bytes], None] = lambda _unit, _key: None,
        watchers: Sequence[Watcher] = (),
        chunk: int | None = None,
        longest: float = 0.0,
    ) -> Flow:
        """Return the flow of one source topic; `idle_of` in milliseconds, `longest` seconds that a batch may take."""
        settings, spec = self.settings, topology.table(self.role, table)
        observer = RuntimeMetrics(self.metrics, self.role)
        fenced = FencedTable(
            source=settings.topic_prefix + spec.source,
            topic=settings.topic_prefix + spec.topic,
            transactional_prefix=f"{settings.topic_prefix}{self.role}",
            connection=self.connection,
            partitions=settings.partitions,
            idle_of=idle_of,
            keeps=keeps,
            on_expiry=on_expiry,
            watchers=watchers,
            observer=observer,
            times=Times(transaction=settings.transaction_timeout, turn=max(20.0, settings.media_timeout * 2, longest)),
            accept_loss=settings.accept_loss,
        )
        return Flow(f"{self.role}-{table}", fenced, handler, chunk=chunk, observer=observer)


def _screen(parts: Parts) -> Running:
    settings = parts.settings
    handler = Messages(
        parts.intake(Message, "messages"),
        parts.emission,
        policy=parts.loaded.policy,
        engines=parts.text_engines,
        judge=parts.judge,
        limits=Limits(text=settings.window_text, ids=settings.repeat_ids),
        metrics=parts.metrics,
    )
    idle, repeats = int(settings.window_idle * 1000), int(settings.repeat_seconds * 1000)
    is_slow = slow(parts.text_engines)
    flow = parts.flow(
        "windows",
        handler,
        # A text without a conversation has no window: its key only tells a repeat.
        idle_of=lambda key: repeats if key.startswith(LONE) else idle,
        chunk=SLOW_CHUNK if is_slow else None,
        longest=LONGEST if is_slow else 0.0,
    )
    return [flow], []


def _uploads(parts: Parts) -> Running:
    opening = Opening(
        parts.emission,
        policy=parts.loaded.policy,
        engines=parts.text_engines,
        judge=parts.judge,
        metrics=parts.metrics,
    )
    uploads = Uploads(parts.intake(Upload, "uploads"), opening)
    events = Events(parts.intake(dict[str, Any], "s3-events", needs_key=False), opening, parts.metrics)
    idle = int(parts.settings.repeat_seconds * 1000)
    handlers: list[tuple[str, Handler]] = [("seen", uploads), ("events", events)]
    return [parts.flow(table, handler, idle_of=lambda _key: idle) for table, handler in handlers], []


def _media(parts: Parts) -> Running:
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


def _asked(parts: Parts) -> Running:
    """Return what runs in the role of an engine that others are asked for: a model, a service."""
    engine = parts.apart(parts.role)
    ask = None
    if engine is not None:
        from streams.adapters.asking import asker  # noqa: PLC0415  only this role needs the clients

        ask = asker(engine)
    return [
        _inspecting(parts, "tasks", Questions(parts.role, engine.version if engine else "", ask, parts.loaded.policy))
    ], []


def _velocity_user(parts: Parts) -> Running:
    engine = parts.apart(parts.role)
    if engine is None:
        return [_inspecting(parts, "authors", Questions(parts.role, "", None, parts.loaded.policy))], []
    from streams.agents.velocity import Velocity  # noqa: PLC0415
    from streams.engines.velocity_user import VelocityUser  # noqa: PLC0415

    if not isinstance(engine, VelocityUser):
        raise TypeError(f"{parts.role} runs {VelocityUser.__name__}")
    intake = parts.intake(TextTask, tasks_of(parts.role))
    handler = Velocity(intake, parts.emission, engine=engine, metrics=parts.metrics)
    horizon = engine.horizon_ms
    return [parts.flow("authors", handler, idle_of=lambda _key: horizon)], []


def _rekognition_video(parts: Parts) -> Running:
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


def _rekognition(parts: Parts) -> Running:
    """Return what has a service judge pictures."""
    from streams.adapters.looking import looker  # noqa: PLC0415  only this role needs the client
    from streams.agents.pictures import Pictures  # noqa: PLC0415
    from streams.engines.rekognition import Rekognition  # noqa: PLC0415

    settings, deadline = parts.settings, parts.loaded.policy.deadline_ms / 1000
    engine = next((engine for engine in parts.loaded.pictures if engine.name == parts.role), None)
    if engine is not None and not isinstance(engine, Rekognition):
        raise TypeError(f"{parts.role} runs {Rekognition.__name__}")
    flows: list[Flow] = []
    judged = None
    if engine is not None and engine.config.near_duplicates is not None:
        from streams.agents.judged import Judged  # noqa: PLC0415  needs the packages for pictures

        reader = Reader(JudgedMedia, limit=settings.record_limit, registry=parts.registry)
        judged = Judged(engine, engine.config.near_duplicates, reader, parts.registry)

    def share() -> float:
        return len(flows[0].table.owned) / settings.partitions

    handler = Pictures(
        parts.intake(PictureTask, tasks_of(parts.role)),
        parts.emission,
        engine=engine,
        look=None if engine is None else looker(engine, settings, share),
        margin_ms=int(1000 * min(MARGIN, SHARE * deadline)),
        metrics=parts.metrics,
        judged=judged,
    )
    keep = DAY if engine is None else engine.keep_ms
    # All transactions together hold what is asked about at a time: a crash has no more than that paid for twice.
    chunk = ASK_CHUNK if engine is None else ceil(engine.config.concurrency / settings.partitions)
    # What is forgotten here is forgotten by all, also where near copies are wanted no more.
    forgotten = parts.emission.forgotten
    flows.append(
        parts.flow(
            "pictures", handler, idle_of=lambda _key: keep, on_expiry=forgotten, chunk=chunk, longest=2 * deadline
        )
    )
    if judged is None:
        return [*flows], []
    topic = settings.topic_prefix + topology.JUDGED
    return [*flows], [lambda: judged.follow(Follower(topic, parts.connection, keep=judged.keep))]


def _inspecting(parts: Parts, table: str, questions: Questions) -> Flow:
    """Return the flow of an engine's tasks."""
    handler = Inspect(
        parts.intake(TextTask, tasks_of(parts.role)),
        parts.emission,
        report=questions.report,
        concurrency=ASK_CONCURRENCY,
        metrics=parts.metrics,
    )
    # A task is answered before its deadline, so a batch takes no longer than a policy gives a case.
    return parts.flow(table, handler, chunk=ASK_CHUNK, longest=2 * parts.loaded.policy.deadline_ms / 1000)


def _join(parts: Parts) -> Running:
    handler = Join(
        parts.intake(FindingRecord, "findings"),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        policy=parts.loaded.policy,
        judge=parts.judge,
        metrics=parts.metrics,
    )
    deadlines = Deadlines(handler.due)
    idle = int(parts.settings.repeat_seconds * 1000)
    # An open case stays however long the outage: it must not end without a decision.
    flow = parts.flow(
        "cases",
        handler,
        idle_of=lambda _key: idle,
        keeps=lambda value: handler.due(value) is not None,
        watchers=[deadlines],
    )
    return [flow], [Expiry(deadlines, parts.emission, parts.connection, parts.metrics)]


def bridge(settings: Settings, connection: Mapping[str, Any], metrics: Metrics) -> Bridge:
    """Return the one task of the role `bridge`, which reads no topic; raise Unusable without a queue."""
    if settings.sqs_queue is None:
        raise Unusable("MODERATION_SQS_QUEUE names no queue: the role bridge relays one")
    queue = Queue(
        settings.sqs_queue,
        region=settings.sqs_region or settings.s3_region,
        endpoint=settings.sqs_endpoint,
        wait=settings.sqs_wait,
        visibility=settings.sqs_visibility,
        batch=settings.sqs_batch,
        pollers=settings.sqs_pollers,
    )
    topics = Topics(
        events=settings.topic_prefix + "s3-events",
        dead_letters=settings.topic_prefix + dead_letters("s3-events"),
        partitions=settings.partitions,
    )
    return Bridge(
        queue,
        lambda: new_producer(connection),
        topics,
        visibility=settings.sqs_visibility,
        pollers=settings.sqs_pollers,
        metrics=metrics,
    )


RUNNING: Final[dict[Role, Callable[[Parts], Running]]] = {
    "screen": _screen,
    "uploads": _uploads,
    "media": _media,
    "join": _join,
    "text_llm": _asked,
    "comprehend": _asked,
    "velocity_user": _velocity_user,
    "rekognition": _rekognition,
    "rekognition_video": _rekognition_video,
}
