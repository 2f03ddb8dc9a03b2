"""Content: the one thing a user made, as the platform's producers put it on `messages` and `uploads`.

The limits are the contract with producers; a record outside of them is rejected with the field's name.
"""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from streams.core.label import MediaKind, TextKind

ID_LIMIT: Final = 256  # characters
TEXT_LIMIT: Final = 20_000  # characters

Id = Annotated[str, Meta(min_length=1, max_length=ID_LIMIT)]
Short = Annotated[str, Meta(max_length=ID_LIMIT)]
Text = Annotated[str, Meta(max_length=TEXT_LIMIT)]
Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]  # what every JSON reader holds exactly
Milliseconds = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]  # since 1970; to the end of the year 9999


class User(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who made the content, as far as the platform tells."""

    id: Id
    role: Short | None = None
    created_at: Moment | None = None
    trusted: bool | None = None
    custom: dict[str, Any] = {}


class Location(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where the bytes lie: bucket and key (with version and etag), or an https url, or a local file in `check`."""

    bucket: Short | None = None
    key: Annotated[str, Meta(max_length=1024)] | None = None  # S3 allows 1,024 bytes
    version_id: Annotated[str, Meta(max_length=1024)] | None = None
    etag: Short | None = None
    url: Annotated[str, Meta(max_length=2048)] | None = None
    path: Annotated[str, Meta(max_length=4096)] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless exactly one way to the bytes is named."""
        ways = ((self.bucket is not None and self.key is not None), self.url is not None, self.path is not None)
        if sum(ways) != 1 or (self.bucket is None) != (self.key is None):
            message = "location needs bucket and key, or url"
            raise ValueError(message)


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A picture or video that belongs to a text."""

    kind: MediaKind
    bucket: Short | None = None
    key: Annotated[str, Meta(max_length=1024)] | None = None
    version_id: Annotated[str, Meta(max_length=1024)] | None = None
    url: Annotated[str, Meta(max_length=2048)] | None = None
    path: Annotated[str, Meta(max_length=4096)] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless exactly one way to the bytes is named."""
        self.location()

    def location(self) -> Location:
        """Return where the attachment's bytes lie."""
        return Location(bucket=self.bucket, key=self.key, version_id=self.version_id, url=self.url, path=self.path)


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text: message, post, comment or profile; one record on `messages`, keyed by conversation."""

    content_id: Id
    kind: TextKind
    user: User
    text: Text
    created_at: Moment
    conversation_id: Id | None = None
    language: Short | None = None
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()
    resubmits: Id | None = None
    tenant: Id | None = None
    custom: dict[str, Any] = {}

    def __repr__(self) -> str:
        """Show the id and the length only: content never reaches a log."""
        return f"Message({self.content_id!r}, {len(self.text)} characters)"


class Upload(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A picture or video; one record on `uploads`, keyed by content id."""

    content_id: Id
    kind: MediaKind
    user: User
    location: Location
    created_at: Moment
    content_type: Short | None = None  # the uploader's word; the bytes decide
    size: Count | None = None  # bytes, as claimed
    conversation_id: Id | None = None
    caption: Text | None = None
    tenant: Id | None = None
    custom: dict[str, Any] = {}

    def __repr__(self) -> str:
        """Show the id only: content never reaches a log."""
        return f"Upload({self.content_id!r})"
