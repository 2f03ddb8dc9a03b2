"""Conversation window: the last ten messages of a conversation, and ids it has seen.

The window is a value: `added` returns a new one. Its messages lie in one run of bytes, as a table stores them, so that
a window which is only passed on costs next to nothing; `entries` reads them for the engines that look at the context.
"""

from hashlib import blake2b
from typing import Final

import msgspec

SIZE: Final = 10  # messages of context, fixed by the specification
FINGERPRINT: Final = 8  # bytes of an id that are remembered: a false repeat once in 10^17 messages
WIDTH: Final = 4  # bytes of a stored message's size


class Said(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is kept of a message beside its id."""

    user_id: str
    text: str
    at: int  # milliseconds since 1970, time of the record in the log
    action: str | None = None  # what the decision was, when it was not `allow` and was known at once

    def __repr__(self) -> str:
        """Show no text: content never reaches a log."""
        return f"Said({len(self.text)} characters)"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One earlier message, as the engines see it; fields as in Said.

    `action` is a hint: it is None as long as the decision falls into the same batch, or awaits other engines.
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
_decode: Final = msgspec.msgpack.Decoder(Said).decode


class Window(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A conversation's last messages, oldest first, and the fingerprints of its last content ids."""

    ids: tuple[str, ...] = ()  # content ids of the messages
    said: bytes = b""  # the messages in the same order, each as MessagePack, one after the other
    sizes: bytes = b""  # bytes of each message, WIDTH bytes a size, big-endian
    seen: bytes = b""  # FINGERPRINT bytes an id, oldest first
    at: int = 0  # milliseconds since 1970, when it last changed
    marks: bytes = b""  # of its last texts, oldest first, as `core/velocity` makes them; none where no engine asks

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the messages as the engines see them, oldest first; read anew at each call."""
        entries, start = [], 0
        for number, content_id in enumerate(self.ids):
            end = start + _size(self.sizes, number)
            each = _decode(self.said[start:end])
            entries.append(Entry(content_id, each.user_id, each.text, each.at, each.action))
            start = end
        return tuple(entries)

    def __repr__(self) -> str:
        """Show the ids only: content never reaches a log."""
        return f"Window({self.ids!r})"


EMPTY: Final = Window()


def fingerprint(content_id: str) -> bytes:
    """Return the FINGERPRINT bytes by which a content id is remembered."""
    return blake2b(content_id.encode(), digest_size=FINGERPRINT).digest()


def remembers(seen: bytes, mark: bytes) -> bool:
    """Say whether a fingerprint is among those seen."""
    at = seen.find(mark)
    while at >= 0 and at % FINGERPRINT:  # a hit across two fingerprints is none
        at = seen.find(mark, at + 1)
    return at >= 0


def added(
    window: Window, content_id: str, said: Said, mark: bytes, remembered: int, now: int, marks: bytes = b""
) -> Window:
    """Return the window after one more message; the last `remembered` of the fingerprints `mark` stay.

    `marks` are those of its texts, this one among them.
    """
    stored = _encode(said)
    full = len(window.ids) >= SIZE
    first = _size(window.sizes, 0) if full else 0
    return Window(
        (*window.ids[1:], content_id) if full else (*window.ids, content_id),
        window.said[first:] + stored,
        window.sizes[WIDTH if full else 0 :] + len(stored).to_bytes(WIDTH, "big"),
        (window.seen + mark)[-remembered * FINGERPRINT :],
        now,
        marks,
    )


def noted(window: Window, mark: bytes, remembered: int, now: int) -> Window:
    """Return the window after a content id that leaves no message in it."""
    return msgspec.structs.replace(window, seen=(window.seen + mark)[-remembered * FINGERPRINT :], at=now)


def replaced(window: Window, back: int, said: Said) -> Window:
    """Return the window with another record of the message `back` places before its last; unchanged if it is gone."""
    number = len(window.ids) - 1 - back
    if number < 0:
        return window
    start = sum(_size(window.sizes, earlier) for earlier in range(number))
    stored = _encode(said)
    return msgspec.structs.replace(
        window,
        said=window.said[:start] + stored + window.said[start + _size(window.sizes, number) :],
        sizes=window.sizes[: number * WIDTH]
        + len(stored).to_bytes(WIDTH, "big")
        + window.sizes[(number + 1) * WIDTH :],
    )


def _size(sizes: bytes, number: int) -> int:
    return int.from_bytes(sizes[number * WIDTH : (number + 1) * WIDTH], "big")
