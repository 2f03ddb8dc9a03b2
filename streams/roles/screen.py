"""What runs in the role `screen`: texts, each with its last ten messages."""

from typing import Final

from streams.agents.beside import LONGEST, slow
from streams.agents.messages import Messages
from streams.core.content import Message
from streams.core.screen import LONE, Limits
from streams.roles.known_users import known_users
from streams.roles.parts import Parts, Running

SLOW_CHUNK: Final = 256  # texts of one transaction where some take milliseconds: about a second


def screen(parts: Parts) -> Running:
    """Return the flow of texts."""
    settings, (standings, following) = parts.settings, known_users(parts)
    handler = Messages(
        parts.intake(Message, "messages"),
        parts.emission,
        book=parts.book,
        judge=parts.judge,
        limits=Limits(text=settings.window_text, ids=settings.repeat_ids),
        metrics=parts.metrics,
        standings=standings,
        watching=parts.watching,
    )
    idle, repeats = int(settings.window_idle * 1000), int(settings.repeat_seconds * 1000)
    flow = parts.flow(
        "windows",
        handler,
        # A text without a conversation has no window: its key only tells a repeat.
        idle_of=lambda key: repeats if key.startswith(LONE) else idle,
        chunk=lambda: SLOW_CHUNK if slow(parts.book.panels) else None,
        longest=LONGEST,
    )
    return [flow], [following]
