"""Where a page ended: a place in, a word for the next request out, and back.

The word is opaque to who gets it, and good for the same question only. It gives no rights: whatever it says, the next
page is read in the reader's scope.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

LONGEST: Final = 256  # characters
FORM: Final = 1  # grows when places mean something else

Number = Annotated[int, Meta(ge=0, le=2**53)]


class ForeignCursor(ValueError):
    """A cursor that is none, or belongs to another question."""


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a row stands in its queue."""

    open: Annotated[int, Meta(ge=0, le=1)]
    harm: Annotated[int, Meta(ge=0, lt=2**31)]
    at: Number  # when it was opened; among closed items, when it was closed
    id: Number


class Beside(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a message stands in its conversation, and which way to go on."""

    later: bool
    place: Number


P = TypeVar("P", Place, Beside)


def written(question: Any, place: Place | Beside) -> str:
    """Return the cursor that goes on from a place in the answer to a question: a filter, or what else JSON can say."""
    data = msgspec.json.encode((FORM, _digest(question), place))
    return urlsafe_b64encode(data).decode().rstrip("=")


def read(question: Any, cursor: str, kind: type[P]) -> P:
    """Return the place from which to go on; raise ForeignCursor for a cursor that was not made for this question."""
    try:
        form, digest, place = msgspec.json.decode(_unpacked(cursor), type=tuple[int, str, kind])  # type: ignore[valid-type]
    except ValueError as error:  # also msgspec's and binascii's
        raise ForeignCursor("the cursor is none of ours: begin with the first page") from error
    if (form, digest) != (FORM, _digest(question)):
        raise ForeignCursor("the cursor belongs to another question: begin with the first page")
    return place


def _digest(question: Any) -> str:
    return blake2b(msgspec.json.encode(question), digest_size=8).hexdigest()


def _unpacked(cursor: str) -> bytes:
    if len(cursor) > LONGEST or not cursor.isascii():
        raise ValueError("too long, or not ASCII")
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
