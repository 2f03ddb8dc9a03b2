"""What runs in the role `velocity_user`: texts by their author, across conversations."""

from streams.agents.inspect import Questions
from streams.core.task import TextTask
from streams.roles.asked import inspecting
from streams.roles.parts import Parts, Running
from streams.topology import tasks_of


def velocity_user(parts: Parts) -> Running:
    """Return the flow of texts by author."""
    engine = parts.apart(parts.role)
    if engine is None:
        return [inspecting(parts, "authors", Questions(parts.role, "", None, parts.loaded.policy))], []
    from streams.agents.velocity import Velocity  # noqa: PLC0415
    from streams.engines.velocity_user import VelocityUser  # noqa: PLC0415

    if not isinstance(engine, VelocityUser):
        raise TypeError(f"{parts.role} runs {VelocityUser.__name__}")
    intake = parts.intake(TextTask, tasks_of(parts.role))
    handler = Velocity(intake, parts.emission, engine=engine, metrics=parts.metrics)
    horizon = engine.horizon_ms
    return [parts.flow("authors", handler, idle_of=lambda _key: horizon)], []
