"""Contents: records of `messages` and `uploads` in, rows of `message` out, and what items show of these."""

from typing import Any, Final

from streams.core.content import Message, Upload, User
from streams.core.label import TEXT_KINDS
from streams.core.moment import milliseconds
from streams.store.batch import Read
from streams.store.storable import id_of, storable, text_hash

LANGUAGE: Final = 35  # characters: the longest tag that RFC 5646 wants supported

Row = dict[str, Any]

# What an item has of its content: columns of both tables.
SHARED: Final = ("language", "user_role", "user_created_at", "user_trusted")


def message_row(read: Read[Message]) -> Row:
    """Return the row of a text."""
    record = read.record
    return {**_row(read, record.text, record.user), "language": storable(record.language or "", LANGUAGE)}


def upload_row(read: Read[Upload]) -> Row:
    """Return the row of a picture or video: its caption is its text, empty without one."""
    return {**_row(read, read.record.caption or "", read.record.user), "language": ""}


def shown(kind: str, row: Row) -> Row:
    """Return the columns of an item of that kind that its row of `message` fills."""
    text = row["text"] if row["text"] or kind in TEXT_KINDS else None
    return {**{name: row[name] for name in SHARED}, "text": text, "text_hash": text_hash(text)}


def _row(read: Read[Message] | Read[Upload], text: str, user: User) -> Row:
    record = read.record
    return {
        "content_id": id_of(record.content_id),
        "conversation_id": id_of(record.conversation_id),
        "tenant": id_of(record.tenant),
        "kind": record.kind,
        "user_id": id_of(user.id),
        "place": read.offset,
        "at": read.at,
        "text": storable(text),
        "user_role": None if user.role is None else storable(user.role),
        "user_created_at": None if user.created_at is None else milliseconds(user.created_at),
        "user_trusted": user.trusted,
    }
