"""A text on its way through a batch: what the log says of it, and what engines, conditions and judge are told."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from streams.core.condition import Early, of_message
from streams.core.content import Message
from streams.core.decision import Decision
from streams.core.engine import Text
from streams.core.exemption import trusted
from streams.core.facts import Facts
from streams.core.judged_object import JudgedObject
from streams.core.moment import since_epoch
from streams.core.restriction import Standing
from streams.core.verdict import Verdict
from streams.core.window import Said, Window

BEFORE: Final = 600_000  # milliseconds: an author's text is taken for the next one after another within them

# What lies against a user, or for him: his id in, None out where there is nothing.
StandingOf = Callable[[str], Standing | None]


def nothing_known(_: str) -> None:
    """Return that nothing is known of a user."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A text and the time of its record in the log, milliseconds since 1970."""

    message: Message
    at: int


class Line(msgspec.Struct, frozen=True):
    """An accepted arrival on its way through the batch: no repeat."""

    position: int  # in the batch
    arrival: Arrival
    before: Window
    number: int = 0  # among its conversation's messages of this batch
    said: Said | None = None  # what its window keeps of it; None when it belongs to no conversation
    mark: bytes = b""  # what its window keeps of it for the limits; none where no engine asks


def text_of(line: Line) -> Text:
    """Return a text as engines see it."""
    message = line.arrival.message
    return Text(message.text, message.language, line.before, message.user.id, line.arrival.at, line.mark)


def inputs_of(line: Line, standing: Standing | None, needs: AbstractSet[str]) -> Early:
    """Return what conditions read of a text."""
    message, at = line.arrival.message, line.arrival.at
    known = trusted(message.user.trusted, standing)
    return of_message(message, at, line.before, line.mark, needs, trusted=known)


def plain_facts(line: Line) -> Facts:
    """Return what the judge must know of a text in which nothing was found and to which nothing is attached."""
    message = line.arrival.message
    # By position: by name, they cost several times as much.
    return Facts(
        message.content_id,
        message.kind,
        message.user.id,
        line.arrival.at,
        message.user.role,
        message.conversation_id,
        message.tenant,
        line.before.ids,
    )


def facts_of(
    line: Line,
    masked: str | None = None,
    standing: Standing | None = None,
    before: str | None = None,
    inputs: Early | None = None,
) -> Facts:
    """Return all that is known of a text."""
    message = line.arrival.message
    user = message.user
    return Facts(
        content_id=message.content_id,
        kind=message.kind,
        user_id=user.id,
        received_at=line.arrival.at,
        role=user.role,
        conversation_id=message.conversation_id,
        tenant=message.tenant,
        context=line.before.ids,
        masked_text=masked,
        objects=tuple(JudgedObject(each.kind, each.location()) for each in message.attachments),
        trusted=user.trusted,
        user_created_at=since_epoch(user.created_at),
        resubmits=message.resubmits,
        previous=before,
        standing=standing,
        inputs=inputs,
    )


def previous(window: Window, user_id: str, at: int) -> str | None:
    """Return the author's last text in a conversation, at most ten minutes older; `at` is milliseconds since 1970."""
    said = (entry for entry in reversed(window.entries) if entry.user_id == user_id)
    last = next(said, None)
    return None if last is None or last.at < at - BEFORE else last.content_id


def verdict_of(line: Line, decision: Decision) -> Verdict:
    """Return a decision on its way past the standing of the author."""
    message, at = line.arrival.message, line.arrival.at
    before = previous(line.before, message.user.id, at)
    return Verdict(decision, at, message.resubmits, before, message.user.trusted)
