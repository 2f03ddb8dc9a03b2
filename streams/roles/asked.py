"""What runs in the role of an engine that others put texts to: a model, a service."""

from collections.abc import Iterable
from typing import Any

from streams.agents.clients import Clients
from streams.agents.inspect import Inspect, Questions
from streams.core.task import TextTask
from streams.roles.parts import ASK_CHUNK, ASK_CONCURRENCY, Parts, Running
from streams.topology import tasks_of


def asked(parts: Parts) -> Running:
    """Return what runs in the role of an engine that others are asked for: a model, a service."""
    from streams.adapters.asker import Asker  # noqa: PLC0415  only this role needs the clients
    from streams.adapters.asking import asker  # noqa: PLC0415

    def current() -> Iterable[Any]:
        found = (loaded.own(parts.role) for loaded in parts.book.every)
        return [engine for engine in found if engine is not None]

    clients = Clients(asker, Asker.close, current)
    clients.begin()  # a key that is missing ends the worker now, not with the first text
    handler = Inspect(
        parts.intake(TextTask, tasks_of(parts.role)),
        parts.emission,
        report=Questions(parts.role, parts.book, clients.using).report,
        concurrency=ASK_CONCURRENCY,
        metrics=parts.metrics,
    )
    # A task is answered before its deadline, so a batch takes no longer than a policy gives a case.
    return [parts.flow("tasks", handler, chunk=ASK_CHUNK, longest=2 * parts.deadline)], []
