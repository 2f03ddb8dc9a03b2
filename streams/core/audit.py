"""The audit log: events in, a chain of hashes out.

h_n = SHA-256(h_(n-1) || body_n): the 32 bytes of the hash before it, then the UTF-8 of the body, which is canonical
JSON: keys sorted, no white space, nothing escaped that need not be. A body says its chain and its number. Texts that
people wrote are not in it, their salted digests are: a text can be erased and the chain still holds.
"""

from hashlib import sha256
from typing import Final, Literal, get_args

import msgspec

from streams.core.content import Milliseconds

# acts: what people did about content and users. accounts: sign-ins, accounts, tokens.
Chain = Literal["acts", "accounts"]
CHAINS: Final[tuple[Chain, ...]] = get_args(Chain)

GENESIS: Final = "0" * 64  # the hash before the first record


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody did; ids, numbers and words of closed sets only, never a text that a person wrote."""

    act: str  # snake_case
    by: str  # the account
    content_id: str = ""
    item_id: int | None = None
    user_id: str | None = None  # the content's author, or whom an order is about
    version: int | None = None  # of the item, after it
    id: str | None = None  # of the ruling, order or note: the same one twice is one
    bulk_id: str | None = None
    of: int | None = None  # of the first ruling of a bulk: how many there are
    from_action: str | None = None
    to_action: str | None = None
    priority: int | None = None
    to: str | None = None  # the account that an item is given to, or that is changed
    restriction: str | None = None
    until: Milliseconds | None = None
    reason: str | None = None  # digest of its text
    note: str | None = None  # digest of its text
    more: dict[str, str | int] = {}  # whatever else an act has to tell


class Body(Event, frozen=True, omit_defaults=True, kw_only=True):
    """An event at its place in a chain."""

    chain: str
    seq: int  # from 1
    at: Milliseconds


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record of a chain as it is stored."""

    seq: int
    hash: str  # 64 hexadecimal digits
    body: str
    at: int  # as in the body; a column of its own to search by, like the next
    content_id: str = ""


class Head(msgspec.Struct, frozen=True, gc=False):
    """The end of a chain."""

    seq: int = 0
    hash: str = GENESIS


EMPTY: Final = Head()
_decoded: Final = msgspec.json.Decoder(Body).decode


def canonical(value: msgspec.Struct) -> str:
    """Return a record as canonical JSON."""
    return msgspec.json.encode(value, order="sorted").decode()


def chained(previous: str, body: str) -> str:
    """Return the hash of a body that follows a record with the hash `previous`, hexadecimal."""
    return sha256(bytes.fromhex(previous) + body.encode()).hexdigest()


def appended(chain: str, head: Head, event: Event, at: int) -> Record:
    """Return the record that an event becomes at the end of a chain; `at` in milliseconds since 1970."""
    told = {name: getattr(event, name) for name in event.__struct_fields__}
    body = canonical(Body(**told, chain=chain, seq=head.seq + 1, at=at))
    return Record(head.seq + 1, chained(head.hash, body), body, at, event.content_id)


def body_read(text: str) -> Body:
    """Return what a record's body tells; raise msgspec.MsgspecError for what is none."""
    return _decoded(text)


def digest(salt: str, text: str) -> str:
    """Return what stands for a text in a body: SHA-256 of the salt's bytes and the text; `salt` is hexadecimal."""
    return sha256(bytes.fromhex(salt) + text.encode()).hexdigest()
