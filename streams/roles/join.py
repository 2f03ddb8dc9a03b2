"""What runs in the role `join`: cases, judged when every engine has answered or the time is over."""

from streams.agents.join import Expiry, Join
from streams.core.case import FindingRecord
from streams.roles.known_users import known_users
from streams.roles.parts import Parts, Running
from streams.runtime.deadlines import Deadlines


def join(parts: Parts) -> Running:
    """Return the flow of findings, and the task that ends cases at their deadlines."""
    standings, following = known_users(parts)
    handler = Join(
        parts.intake(FindingRecord, "findings"),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        book=parts.book,
        judge=parts.judge,
        metrics=parts.metrics,
        standings=standings,
        watching=parts.watching,
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
    return [flow], [Expiry(deadlines, parts.emission, parts.connection, parts.metrics), following]
