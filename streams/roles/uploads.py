"""What runs in the role `uploads`: pictures and videos, and what storage tells of new ones."""

from typing import Any

from streams.agents.uploads import Events, Opening, Uploads
from streams.core.content import Upload
from streams.roles.known_users import known_users
from streams.roles.parts import Parts, Running
from streams.runtime.flow import Handler


def uploads(parts: Parts) -> Running:
    """Return the flows of uploads and of storage notifications."""
    standings, following = known_users(parts)
    opening = Opening(
        parts.emission,
        book=parts.book,
        judge=parts.judge,
        metrics=parts.metrics,
        standings=standings,
        watching=parts.watching,
    )
    uploads = Uploads(parts.intake(Upload, "uploads"), opening)
    events = Events(parts.intake(dict[str, Any], "s3-events", needs_key=False), opening, parts.metrics)
    idle = int(parts.settings.repeat_seconds * 1000)
    handlers: list[tuple[str, Handler]] = [("seen", uploads), ("events", events)]
    return [parts.flow(table, handler, idle_of=lambda _key: idle) for table, handler in handlers], [following]
