"""What runs in the role `execute`: decisions become effects, each kind of sink carries its own out."""

from collections.abc import Callable
from time import time
from typing import Any, Final

from streams.adapters.executing import Executor
from streams.agents.execute import LOOKS, Bounds, Carrying, Execute
from streams.agents.plan import Plan
from streams.agents.reminders import Reminders
from streams.core.decision import Decision
from streams.core.effect import EffectRecord
from streams.core.work import Sink
from streams.roles.parts import Parts, Running
from streams.runtime.deadlines import Deadlines
from streams.runtime.flow import Flow
from streams.runtime.producing import new_producer
from streams.settings import Settings
from streams.topology import effects_of

CHUNK: Final = 64  # effects of one transaction: what one slow sink holds up
# How long is remembered what was moved or revised: an old decision that comes again must not undo a newer one, and an
# undo finds its copy. As long as decisions lie on `actions`.
REMEMBERED_MS: Final = 90 * 86_400_000


def execute(parts: Parts) -> Running:
    """Return the flow of decisions, and for each kind of sink the flow of its effects and what reminds it."""
    plan = Plan(parts.intake(Decision, "actions"), parts.emission, book=parts.book, metrics=parts.metrics)
    idle = int(parts.settings.repeat_seconds * 1000)
    flows, tasks = [parts.flow("plans", plan, idle_of=lambda _key: idle)], []
    for sink, made in EXECUTORS.items():
        flow, task = _carried(parts, sink, made(parts.settings))
        flows.append(flow)
        tasks.append(task)
    return flows, tasks


def _carried(parts: Parts, sink: Sink, executor: Executor) -> tuple[Flow, Callable[[], Any]]:
    """Return the flow of one sink's effects, and the task that reminds it of those that wait."""
    settings, topic = parts.settings, effects_of(sink)
    bounds = Bounds(settings.effects_timeout, settings.effects_patience, settings.effects_concurrency)
    handler = Execute(
        parts.intake(EffectRecord, topic),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        Carrying(sink, executor, bounds, parts.metrics),
        bounds.timeout,
    )
    deadlines = Deadlines(handler.due)
    idle = int(settings.repeat_seconds * 1000)
    flow = parts.flow(
        sink,
        handler,
        idle_of=lambda _key: idle,
        keeps=lambda value: handler.kept(value, int(time() * 1000) - REMEMBERED_MS),
        watchers=[deadlines],
        chunk=CHUNK,
        longest=2 * LOOKS * bounds.timeout,
    )
    reminders = Reminders(
        deadlines,
        lambda: new_producer(parts.connection),
        parts.emission.effects_due,
        settings.topic_prefix + topic,
        count=parts.metrics.effects_waiting.labels(sink).set,
    )
    return flow, reminders


def _s3(settings: Settings) -> Executor:
    from streams.adapters.aws import Service  # noqa: PLC0415  only this role needs the clients
    from streams.adapters.mover import Mover  # noqa: PLC0415
    from streams.adapters.stored_object import StoredObjects  # noqa: PLC0415

    timeout, concurrency = settings.effects_timeout, settings.effects_concurrency
    return Mover(StoredObjects(Service("s3", settings.s3_region, settings.s3_endpoint, timeout, concurrency)))


def _sns(settings: Settings) -> Executor:
    from streams.adapters.regional import Regional  # noqa: PLC0415
    from streams.adapters.sns import Sns  # noqa: PLC0415

    return Sns(Regional("sns", **_region(settings), endpoint=settings.sns_endpoint))


def _dynamodb(settings: Settings) -> Executor:
    from streams.adapters.dynamodb import DynamoDb  # noqa: PLC0415
    from streams.adapters.regional import Regional  # noqa: PLC0415

    return DynamoDb(Regional("dynamodb", **_region(settings), endpoint=settings.dynamodb_endpoint))


def _webhook(settings: Settings) -> Executor:
    from streams.adapters.webhook import Webhook  # noqa: PLC0415

    return Webhook(settings.webhook_hosts, "/moderation-streams/execute")


def _region(settings: Settings) -> dict[str, Any]:
    return {
        "region": settings.s3_region,
        "timeout": settings.effects_timeout,
        "concurrency": settings.effects_concurrency,
    }


EXECUTORS: Final[dict[Sink, Callable[[Settings], Executor]]] = {
    "s3": _s3,
    "sns": _sns,
    "dynamodb": _dynamodb,
    "webhook": _webhook,
}
