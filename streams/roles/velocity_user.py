"""What runs in the role `velocity_user`: texts by their author, across conversations."""

from streams.core.task import TextTask
from streams.roles.parts import Parts, Running
from streams.topology import DAY, tasks_of


def velocity_user(parts: Parts) -> Running:
    """Return the flow of texts by author."""
    from streams.agents.velocity import Velocity, engines_of  # noqa: PLC0415  only this role needs the engine

    intake = parts.intake(TextTask, tasks_of(parts.role))
    handler = Velocity(intake, parts.emission, book=parts.book, metrics=parts.metrics)

    def horizon(_: bytes) -> int:
        return max((engine.horizon_ms for engine in engines_of(parts.book)), default=DAY)

    return [parts.flow("authors", handler, idle_of=horizon)], []
