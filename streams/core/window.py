"""Conversation window: the last ten messages of a conversation, and ids it has seen.

The window is a value: `advanced` returns a new one. Each message is kept as the bytes that a table stores, so that a
window which is only passed on costs next to nothing; `entries` reads them for the engines that look at the context.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

SIZE: Final = 10  # messages of context, fixed by the specification
FINGERPRINT: Final = 8  # bytes of an id that are remembered: a false repeat once in 10^17 messages


class Said(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is kept of a message beside its id."""

    user_id: str
    text: str
    at: int  # milliseconds since 1970, time of the record in the log
    action: str | None = None  # what the decision was, when it was not `allow` and was known at once

    def __repr__(self) -> str:
        """Show no text: content never reaches a log."""
        return f"Said({len(self.text)} characters)"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One earlier message, as the engines see it; fields as in Said.

    `action` is a hint: it is None as long as the decision falls into the same batch, or awaits media engines.
    """

    content_id: str
    user_id: str
    text: str
    at: int
    action: str | None = None

    def __repr__(self) -> str:
        """Show the id only: content never reaches a log."""
        return f"Entry({self.content_id!r})"


_encode: Final = msgspec.msgpack.Encoder().encode
_said: Final = msgspec.msgpack.Decoder(Said).decode


def stored(said: Said) -> msgspec.Raw:
    """Return a message as the bytes that a window keeps (MessagePack)."""
    return msgspec.Raw(_encode(said))


def entries_of(ids: Sequence[str], said: Sequence[msgspec.Raw]) -> tuple[Entry, ...]:
    """Return kept messages as the engines see them, in the same order."""
    read = (_said(raw) for raw in said)
    return tuple(
        Entry(content_id, each.user_id, each.text, each.at, each.action)
        for content_id, each in zip(ids, read, strict=True)
    )


class Window(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A conversation's last messages, oldest first, and the fingerprints of its last content ids."""

    ids: tuple[str, ...] = ()  # content ids of the messages
    said: tuple[msgspec.Raw, ...] = ()  # the messages, in the same order
    seen: bytes = b""  # FINGERPRINT bytes an id, oldest first
    at: int = 0  # milliseconds since 1970, when it last changed

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the messages as the engines see them, oldest first."""
        return entries_of(self.ids, self.said)

    def __repr__(self) -> str:
        """Show the ids only: content never reaches a log."""
        return f"Window({self.ids!r})"


EMPTY: Final = Window()


def fingerprint(content_id: str) -> bytes:
    """Return the FINGERPRINT bytes by which a content id is remembered."""
    return blake2b(content_id.encode(), digest_size=FINGERPRINT).digest()


def place(seen: bytes, mark: bytes) -> int:
    """Return which of the fingerprints seen it is, 0 for the oldest; -1 when it is none of them."""
    at = seen.find(mark)
    while at >= 0 and at % FINGERPRINT:  # a hit across two fingerprints is none
        at = seen.find(mark, at + 1)
    return at // FINGERPRINT if at >= 0 else -1


def advanced(
    window: Window,
    ids: Sequence[str],
    said: Sequence[msgspec.Raw],
    marks: Iterable[bytes],
    remembered: int,
    now: int,
) -> Window:
    """Return the window after some messages.

    `ids` and `said` are all messages, those of the window among them, oldest first; `marks` the fingerprints of the
    new ones. The last `remembered` fingerprints stay.
    """
    return Window(
        ids=tuple(ids[-SIZE:]),
        said=tuple(said[-SIZE:]),
        seen=(window.seen + b"".join(marks))[-remembered * FINGERPRINT :],
        at=now,
    )
