"""Where a page of a queue ended: the place of its last row in, a word for the next request out, and back.

The word is opaque to who gets it, and good for the same filter only. It gives no rights: whatever it says, the next
page is read in the reader's scope.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from streams.core.queue_filter import Filter

LONGEST: Final = 256  # characters
FORM: Final = 1  # grows when places mean something else

Number = Annotated[int, Meta(ge=0, le=2**53)]


class ForeignCursor(ValueError):
    """A cursor that is none, or belongs to another filter."""


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a row stands in its queue."""

    open: Annotated[int, Meta(ge=0, le=1)]
    harm: Annotated[int, Meta(ge=0, lt=2**31)]
    at: Number  # when it was opened; among closed items, when it was closed
    id: Number


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    form: int
    filter: str
    place: Place


_reader: Final = msgspec.json.Decoder(_Cursor)


def written(wanted: Filter, place: Place) -> str:
    """Return the cursor that goes on after a place in the queue of a filter."""
    return _packed(msgspec.json.encode(_Cursor(FORM, _digest(wanted), place)))


def read(wanted: Filter, cursor: str) -> Place:
    """Return the place after which to go on; raise ForeignCursor for what was not made for this filter."""
    try:
        found = _reader.decode(_unpacked(cursor))
    except (msgspec.MsgspecError, ValueError, binascii.Error) as error:
        raise ForeignCursor("the cursor is none of ours: begin with the first page") from error
    if found.form != FORM or found.filter != _digest(wanted):
        raise ForeignCursor("the cursor belongs to another filter: begin with the first page")
    return found.place


def _digest(wanted: Filter) -> str:
    return blake2b(msgspec.json.encode(wanted), digest_size=8).hexdigest()


def _packed(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _unpacked(cursor: str) -> bytes:
    if len(cursor) > LONGEST or not cursor.isascii():
        raise ValueError("too long, or not ASCII")
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
