"""Conversation window: the last ten messages of a conversation, and ids it has seen.

The window is a value: `added` returns a new one. What it keeps of a text is cut to a set length.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

SIZE: Final = 10  # messages of context, fixed by the specification
FINGERPRINT: Final = 8  # bytes of an id that are remembered: a false repeat once in 10^17 messages


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One earlier message, as the next ones see it."""

    content_id: str
    user_id: str
    text: str
    at: int  # milliseconds since 1970, time of the record in the log
    action: str | None = None  # what the decision was, when it was not `allow`

    def __repr__(self) -> str:
        """Show the id only: content never reaches a log."""
        return f"Entry({self.content_id!r})"


class Window(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A conversation's last messages, oldest first, and the fingerprints of its last content ids."""

    entries: tuple[Entry, ...] = ()
    seen: bytes = b""  # FINGERPRINT bytes an id, oldest first
    at: int = 0  # milliseconds since 1970, when it last changed


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


def advanced(window: Window, entries: Sequence[Entry], marks: Iterable[bytes], remembered: int, now: int) -> Window:
    """Return the window after some messages.

    `entries` are all messages, those of the window among them, oldest first; `marks` the fingerprints of the new ones.
    The last `remembered` fingerprints stay.
    """
    return Window(
        entries=tuple(entries[-SIZE:]),
        seen=(window.seen + b"".join(marks))[-remembered * FINGERPRINT :],
        at=now,
    )
