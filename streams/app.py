"""Where the parts meet: settings and a role in, a worker out. Explicit lists; nothing is discovered."""

import logging
import ssl
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

import faust
from faust.types.auth import CredentialsT

from streams import topology
from streams.adapters.inspection import inspected
from streams.adapters.kafka import aiokafka_connection
from streams.adapters.objects import Objects
from streams.adapters.picture import Limits as PictureLimits
from streams.adapters.policies import Loaded, load
from streams.adapters.registry import Registry
from streams.adapters.wire import Reader
from streams.agents.emission import RECORDS, Emission
from streams.agents.intake import Intake
from streams.agents.join import Expiry, Join
from streams.agents.media import Media
from streams.agents.messages import Messages
from streams.agents.uploads import Events, Opening, Uploads
from streams.core.case import FindingRecord, Task
from streams.core.content import Message, Upload
from streams.core.engine import Engine
from streams.core.finding import Report
from streams.core.judge import Judge, judged
from streams.core.screen import LONE, Limits
from streams.metrics import Metrics, RuntimeMetrics
from streams.runtime.deadlines import Deadlines
from streams.runtime.fenced import FencedTable, Times, Watcher
from streams.runtime.flow import Flow, Handler
from streams.runtime.health import Health
from streams.runtime.transport import BatchApp
from streams.runtime.worker import Worker, run
from streams.settings import Settings
from streams.topology import Role, dead_letters

T = TypeVar("T")

HEARTBEATS: Final = 3  # per session time-out
MEDIA_CHUNK: Final = 16  # media tasks of one transaction: what one slow object holds up
MEDIA_THREADS: Final = 2  # pictures decoded at once: each may take 0.4 to 0.7 GB
SMALL_FETCH: Final = 200  # records of one fetch where each is work


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
        watchers: Sequence[Watcher] = (),
        chunk: int | None = None,
    ) -> Flow:
        """Return the flow of one source topic; `idle_of` in milliseconds."""
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
            watchers=watchers,
            observer=observer,
            times=Times(transaction=settings.transaction_timeout, turn=max(20.0, settings.media_timeout * 2)),
            accept_loss=settings.accept_loss,
        )
        return Flow(f"{self.role}-{table}", fenced, handler, chunk=chunk, observer=observer)


def build(settings: Settings, role: Role, judge: Judge = judged, registry: Registry | None = None) -> Worker:
    """Return the worker of a role. Call it inside the running loop.

    Raises PolicyErrors for a policy that is wrong, LookupError for Confluent framing without a prepared registry.
    """
    loaded = load(settings.policy)
    metrics = Metrics()
    metrics.policy_info.labels(loaded.policy.ref.id, loaded.policy.ref.version).set(1)
    parts = Parts(
        settings=settings,
        role=role,
        judge=judge,
        loaded=loaded,
        metrics=metrics,
        registry=registry,
        emission=Emission(settings.topic_prefix, role, settings.wire, registry),
        connection={"bootstrap_servers": settings.bootstrap, **aiokafka_connection(settings)},
    )
    app = kafka_app(settings, role)
    flows, tasks = AGENTS[role](parts)
    for flow in flows:
        flow.register(app)
    worker = Worker(f"{settings.topic_prefix}{role}", app, flows, tasks, grace=settings.grace)
    if settings.metrics_port is not None:
        worker.health = Health(settings.metrics_host, settings.metrics_port, metrics.registry, lambda: worker.ready)
    logging.getLogger(__name__).info("%s judges by policy %s %s", role, loaded.policy.ref.id, loaded.policy.ref.version)
    return worker


def _screen(parts: Parts) -> tuple[list[Flow], list[Callable[[], Any]]]:
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
    # A text without a conversation has no window: its key only tells a repeat.
    return [parts.flow("windows", handler, idle_of=lambda key: repeats if key.startswith(LONE) else idle)], []


def _uploads(parts: Parts) -> tuple[list[Flow], list[Callable[[], Any]]]:
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


def _media(parts: Parts) -> tuple[list[Flow], list[Callable[[], Any]]]:
    settings = parts.settings
    limits = PictureLimits(pixels=settings.media_pixels, side=settings.media_side)
    objects, engines = Objects(settings), parts.media_engines
    threads = ThreadPoolExecutor(MEDIA_THREADS, thread_name_prefix="media")

    async def reports(task: Task) -> list[Report]:
        return await inspected(objects, engines, task, limits, settings.media_timeout, threads)

    handler = Media(
        parts.intake(Task, "tasks-media"),
        parts.emission,
        inspected=reports,
        concurrency=settings.media_concurrency,
        metrics=parts.metrics,
    )
    return [parts.flow("tasks", handler, chunk=MEDIA_CHUNK)], []


def _join(parts: Parts) -> tuple[list[Flow], list[Callable[[], Any]]]:
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


AGENTS: Final[dict[Role, Callable[[Parts], tuple[list[Flow], list[Callable[[], Any]]]]]] = {
    "screen": _screen,
    "uploads": _uploads,
    "media": _media,
    "join": _join,
}


def kafka_app(settings: Settings, role: Role) -> BatchApp:
    """Return the Faust app of a role: one group per role, so that a fault in one does not stop the others."""
    return BatchApp(
        f"{settings.topic_prefix}{role}",
        broker=[f"kafka://{address.strip()}" for address in settings.bootstrap.split(",")],
        broker_credentials=_credentials(settings),
        datadir=tempfile.gettempdir() + "/moderation-streams",
        autodiscover=False,
        origin=None,
        # Topics are made by `moderation topics apply`, never by side effect.
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,  # it would show the tables to anyone
        table_standby_replicas=0,
        stream_wait_empty=True,
        stream_buffer_maxsize=4,  # batches, beside those that the flow holds
        broker_commit_interval=0.5,
        broker_max_poll_records=settings.fetch_records if role == "screen" else SMALL_FETCH,
        broker_max_poll_interval=300.0,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / HEARTBEATS,
        broker_request_timeout=max(40.0, settings.session_timeout),
        consumer_group_instance_id=settings.static_member,
        consumer_auto_offset_reset="earliest",
    )


def _credentials(settings: Settings) -> CredentialsT | None:
    if settings.security_protocol == "PLAINTEXT":
        return None
    context = None
    if settings.security_protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    if settings.security_protocol.startswith("SASL"):
        password = settings.sasl_password.get_secret_value() if settings.sasl_password else None
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=password,
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context)


def start(settings: Settings, role: Role, *, judge: Judge = judged, parent: int | None = None) -> NoReturn:
    """Run the worker of a role until it is told to stop; the process ends here, with code 0, or 70 after a crash.

    `parent` is a process id: the worker stops when its parent is another one.
    """

    async def made() -> Worker:
        registry = None
        if settings.registry_url is not None:
            registry = Registry(settings.registry_url, prefix=settings.topic_prefix)
            if settings.wire == "confluent":
                await registry.prepare(RECORDS)
        worker = build(settings, role, judge, registry)
        worker.parent = parent
        return worker

    run(made)
