"""Settings and a role in, a worker out: the Faust app, its flows and its health, put together."""

import asyncio
import ssl
import tempfile
from collections.abc import Mapping
from secrets import token_hex
from time import time
from typing import Any, Final, NoReturn

import faust
import msgspec
from faust.types.auth import CredentialsT

from streams import __version__, topology
from streams.adapters.kafka import aiokafka_connection
from streams.adapters.policies import Loaded
from streams.adapters.registry import Registry
from streams.agents.beating import Beating, Status
from streams.agents.emission import RECORDS, Emission
from streams.agents.subscribing import Subscriber
from streams.core.judge import Judge, judged
from streams.core.worker_status import WorkerStatus
from streams.metrics import Metrics
from streams.roles import running
from streams.roles.parts import Parts
from streams.roles.watched import watched
from streams.runtime.follow import Follower
from streams.runtime.health import Health
from streams.runtime.producing import new_producer
from streams.runtime.transport import BatchApp
from streams.runtime.worker import Worker, run
from streams.settings import Settings
from streams.topology import ACTING, Role

HEARTBEATS: Final = 3  # per session time-out
SMALL_FETCH: Final = 200  # records of one fetch where each is work


async def built(settings: Settings, role: Role, judge: Judge = judged, registry: Registry | None = None) -> Worker:
    """Return the worker of a role, which judges by what is published now.

    Raises LookupError where topics are missing, or for Confluent framing without a prepared registry; Unusable or
    PolicyErrors where no version of a policy can be loaded.
    """
    if role == "bridge":
        return _relaying(settings)
    metrics = Metrics()
    connection = _connection(settings)
    subscriber = Subscriber(
        lambda keep: Follower(settings.topic_prefix + topology.POLICIES, connection, keep=keep),
        settings.policy,
        metrics,
        prepare=looked if role == "media" else lambda _loaded: None,
    )
    watching = watched(settings, metrics, subscriber.changed.set)
    subscriber.on_release = watching.release
    parts = Parts(
        settings=settings,
        role=role,
        judge=judge,
        book=await subscriber.start(),
        metrics=metrics,
        registry=registry,
        emission=Emission(settings.topic_prefix, role, settings.wire, registry),
        connection=connection,
        watching=watching,
    )
    app = kafka_app(settings, role)
    flows, tasks = running(role, parts)
    for flow in flows:
        flow.register(app)

    def status(now: int) -> WorkerStatus:
        return msgspec.structs.replace(
            word,
            at=now,
            policies=tuple(loaded.policy.ref for loaded in parts.book.every),
            lag=sum(flow.lag() for flow in flows),
            unloaded=subscriber.unloaded,
            tripped=watching.tripped(now),
        )

    word = _first_word(role)
    beating = _beating(settings, connection, status, subscriber.changed)
    worker = Worker(
        f"{settings.topic_prefix}{role}", app, flows, [*tasks, subscriber.run, beating], grace=settings.grace
    )
    return _observed(worker, settings, metrics)


def looked(loaded: Loaded) -> None:
    """Have the engines of a policy load what they need to look at media: now, not with the first picture."""
    for engine in loaded.looking:
        engine.inspect([])


def _first_word(role: Role) -> WorkerStatus:
    """Return what a worker says of itself when it starts."""
    now = int(time() * 1000)
    return WorkerStatus(f"{role}-{token_hex(4)}", role, now, now, __version__, ())


def _beating(settings: Settings, connection: Mapping[str, Any], status: Status, changed: asyncio.Event) -> Beating:
    return Beating(lambda: new_producer(connection), settings.topic_prefix + topology.WORKERS, status, changed)


def _relaying(settings: Settings) -> Worker:
    """Return the worker of the role `bridge`: it judges nothing, so it needs no policy, and reads no topic."""
    from streams.roles.bridge import bridge  # noqa: PLC0415  only this role needs the client

    metrics = Metrics()
    connection = _connection(settings)
    task = bridge(settings, connection, metrics)
    word = _first_word("bridge")
    beating = _beating(settings, connection, lambda now: msgspec.structs.replace(word, at=now), asyncio.Event())
    worker = Worker(f"{settings.topic_prefix}bridge", None, [], [task, beating], grace=settings.grace)
    return _observed(worker, settings, metrics)


def _observed(worker: Worker, settings: Settings, metrics: Metrics) -> Worker:
    if settings.metrics_port is not None:
        worker.health = Health(settings.metrics_host, settings.metrics_port, metrics.registry, lambda: worker.ready)
    return worker


def _connection(settings: Settings) -> dict[str, Any]:
    return {"bootstrap_servers": settings.bootstrap, **aiokafka_connection(settings)}


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
        stream_buffer_maxsize=_buffer(settings, role),
        broker_commit_interval=0.5,
        broker_max_poll_records=settings.fetch_records if role == "screen" else SMALL_FETCH,
        broker_max_poll_interval=300.0,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / HEARTBEATS,
        broker_request_timeout=max(40.0, settings.session_timeout),
        consumer_group_instance_id=settings.static_member,
        consumer_auto_offset_reset="earliest",
    )


def _buffer(settings: Settings, role: Role) -> int:
    """Return how many batches wait in front of a flow, beside those that it holds.

    From 10/13 of it on Faust fetches no more of a partition; when it is full, Faust hands on nothing to any flow. Where
    one flow may hang and the others must go on, the rest has room for a batch of each partition.
    """
    return 5 * settings.partitions if role in ACTING else 4


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
        worker = await built(settings, role, judge, registry)
        worker.parent = parent
        return worker

    run(made)
