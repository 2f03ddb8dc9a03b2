"""What runs in the role of an engine that others put texts to: a model, a service."""

from streams.agents.inspect import Inspect, Questions
from streams.core.task import TextTask
from streams.roles.parts import ASK_CHUNK, ASK_CONCURRENCY, Parts, Running
from streams.runtime.flow import Flow
from streams.topology import tasks_of


def asked(parts: Parts) -> Running:
    """Return what runs in the role of an engine that others are asked for: a model, a service."""
    engine = parts.apart(parts.role)
    ask = None
    if engine is not None:
        from streams.adapters.asking import asker  # noqa: PLC0415  only this role needs the clients

        ask = asker(engine)
    return [
        inspecting(parts, "tasks", Questions(parts.role, engine.version if engine else "", ask, parts.loaded.policy))
    ], []


def inspecting(parts: Parts, table: str, questions: Questions) -> Flow:
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
