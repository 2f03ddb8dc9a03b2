"""Settings and a role in, a worker out: the Faust app, its flows and its health, put together."""

import logging
import ssl
import tempfile
from typing import Any, Final, NoReturn

import faust
from faust.types.auth import CredentialsT

from streams.adapters.kafka import aiokafka_connection
from streams.adapters.policies import load
from streams.adapters.registry import Registry
from streams.agents.emission import RECORDS, Emission
from streams.core.judge import Judge, judged
from streams.metrics import Metrics
from streams.roles import RUNNING
from streams.roles.bridge import bridge
from streams.roles.parts import Parts
from streams.runtime.health import Health
from streams.runtime.transport import BatchApp
from streams.runtime.worker import Worker, run
from streams.settings import Settings
from streams.topology import Role

HEARTBEATS: Final = 3  # per session time-out
SMALL_FETCH: Final = 200  # records of one fetch where each is work


def build(settings: Settings, role: Role, judge: Judge = judged, registry: Registry | None = None) -> Worker:
    """Return the worker of a role. Call it inside the running loop.

    Raises PolicyErrors for a policy that is wrong, LookupError for Confluent framing without a prepared registry.
    """
    if role == "bridge":
        return _relaying(settings)
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
        connection=_connection(settings),
    )
    app = kafka_app(settings, role)
    flows, tasks = RUNNING[role](parts)
    for flow in flows:
        flow.register(app)
    worker = Worker(f"{settings.topic_prefix}{role}", app, flows, tasks, grace=settings.grace)
    logging.getLogger(__name__).info("%s judges by policy %s %s", role, loaded.policy.ref.id, loaded.policy.ref.version)
    return _observed(worker, settings, metrics)


def _relaying(settings: Settings) -> Worker:
    """Return the worker of the role `bridge`: it judges nothing, so it needs no policy, and reads no topic."""
    metrics = Metrics()
    task = bridge(settings, _connection(settings), metrics)
    worker = Worker(f"{settings.topic_prefix}bridge", None, [], [task], grace=settings.grace)
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
