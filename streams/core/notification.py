"""Storage notifications: one decoded event of S3, SNS, EventBridge or MinIO in, the uploads that it tells of out.

The shapes and their traps are those of the vendors' documentation: S3 and MinIO encode the key like a form,
EventBridge does not; MinIO writes `s3:` in front of event names; SNS wraps the event in a text.
"""

import re
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, Final, Literal, TypeVar
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct

from streams.core.content import Upload

Reason = Literal[
    "not_an_object",  # JSON, but no object
    "unknown_shape",  # none of the four shapes
    "no_records",
    "unknown_version",  # of another major version of the event structure
    "invalid_message",  # the text inside of an SNS envelope
    "invalid_key",  # an object key that is not UTF-8 once decoded
    "invalid_field",  # missing, of the wrong type, or outside of its limits
]

CREATED: Final = "ObjectCreated:"
MINIO: Final = "minio:s3"
VERSION: Final = "2"  # major version of S3's event structure, of MinIO's too
VIDEO_SUFFIXES: Final = frozenset(
    {".3gp", ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".webm", ".wmv"}
)
Shape = TypeVar("Shape")

_PATH: Final = re.compile(r" - at `\$\.?([A-Za-z0-9_.\[\]-]*)`$")


class Malformed(ValueError):
    """An event that is no notification: why, from a closed set, and the path of the field or None."""

    def __init__(self, reason: Reason, field: str | None = None) -> None:
        super().__init__(reason if field is None else f"{reason} at {field}")
        self.reason: Reason = reason
        self.field = field


class Notice(Struct, frozen=True):
    """One new object that an event tells of."""

    upload: Upload
    sequencer: str | None = None  # orders the events of this object's key; None where the storage promises no order

    @property
    def place(self) -> str:
        """Return bucket and key as one text; a bucket's name holds no slash."""
        return f"{self.upload.location.bucket}/{self.upload.location.key}"


class Normalised(Struct, frozen=True):
    """What one event tells."""

    notices: tuple[Notice, ...] = ()  # in the order of its records
    ignored: int = 0  # records that tell of no new object: deletions, tags, restores
    test: bool = False  # S3's greeting when notifications are set up

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """Return the new objects."""
        return tuple(notice.upload for notice in self.notices)


class _Bucket(Struct, frozen=True):
    name: str


class _Object(Struct, rename="camel", frozen=True):
    key: str
    size: int | None = None
    e_tag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None
    content_type: str | None = None


class _Storage(Struct, frozen=True):
    bucket: _Bucket
    object: _Object


class _Identity(Struct, rename="camel", frozen=True):
    principal_id: str | None = None


class _Named(Struct, rename="camel", frozen=True):
    event_name: str
    event_version: str | None = None


class _Record(Struct, rename="camel", frozen=True):
    event_time: str
    s3: _Storage
    event_source: str | None = None
    user_identity: _Identity = _Identity()


class _BridgeObject(Struct, rename={"version_id": "version-id"}, frozen=True):
    key: str
    size: int | None = None
    etag: str | None = None
    eTag: str | None = None  # noqa: N815  the spelling of a test double
    version_id: str | None = None
    sequencer: str | None = None


class _Detail(Struct, frozen=True):
    bucket: _Bucket
    object: _BridgeObject
    requester: str | None = None


class _BridgeEvent(Struct, frozen=True):
    time: str
    detail: _Detail


class _Seen(Struct, frozen=True):
    """One new object, whichever shape told of it; the key is decoded."""

    bucket: str
    key: str
    etag: str | None
    version_id: str | None
    sequencer: str | None
    size: int | None
    content_type: str | None
    user: str | None
    time: str


def uploads(event: object) -> Normalised:
    """Return the uploads that an event tells of; raise Malformed when it is no notification, as a whole.

    Sizes and etags are the sender's claims. The same event gives the same content ids, an overwritten object a new one.
    """
    return _normalised(event, wrapped=False)


def content_id(bucket: str, key: str, version_id: str | None, etag: str | None, sequencer: str | None) -> str:
    """Return the content id of one version of an object: SHA-256, hexadecimal.

    With a version id, that alone tells versions apart; else etag and sequencer do. Each part goes in with its length,
    so that no two places share a text.
    """
    state = (("version", version_id),) if version_id else (("etag", etag), ("sequencer", sequencer))
    digest = sha256()
    for name, value in (("bucket", bucket), ("key", key), *state):
        data = (value or "").encode()
        digest.update(f"{name}:{len(data)}:".encode() + data)
    return digest.hexdigest()


def decoded(key: str) -> str:
    """Return an object key that S3 or MinIO encoded like a form; raise Malformed where it is no UTF-8."""
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed("invalid_key", "s3.object.key") from error


def _normalised(event: object, *, wrapped: bool) -> Normalised:
    if not isinstance(event, dict):
        raise Malformed("not_an_object")
    if "detail-type" in event:
        return _bridge(event)
    if "Type" in event and "Message" in event and not wrapped:
        return _normalised(unwrapped(event["Message"]), wrapped=True)
    if event.get("Event") == "s3:TestEvent":
        return Normalised(test=True)
    if "Records" in event:
        return _records(event["Records"])
    if "s3" in event and "eventName" in event:  # one record, as MinIO's webhook and log targets write it
        return _records([event])
    raise Malformed("unknown_shape")


def unwrapped(message: object) -> object:
    """Return the event inside of an SNS envelope's message, decoded; raise Malformed."""
    if not isinstance(message, str):
        raise Malformed("invalid_message")
    try:
        return msgspec.json.decode(message)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Malformed("invalid_message") from error


def _records(records: object) -> Normalised:
    if not isinstance(records, list) or not records:
        raise Malformed("no_records")
    seen = [_seen(record) for record in records]
    found = tuple(_notice(one) for one in seen if one is not None)
    return Normalised(notices=found, ignored=len(seen) - len(found))


def _seen(record: object) -> _Seen | None:
    """Return the new object that a record of S3 or MinIO tells of, None for any other event."""
    named = _converted(record, _Named)
    if named.event_version is not None and named.event_version.partition(".")[0] != VERSION:
        raise Malformed("unknown_version", "eventVersion")
    if not named.event_name.removeprefix("s3:").startswith(CREATED):
        return None
    told = _converted(record, _Record)
    thing = told.s3.object
    return _Seen(
        bucket=told.s3.bucket.name,
        key=decoded(thing.key),
        etag=thing.e_tag,
        version_id=thing.version_id,
        # MinIO's does not hold across a cluster.
        sequencer=None if told.event_source == MINIO else thing.sequencer,
        size=thing.size,
        content_type=thing.content_type,
        user=told.user_identity.principal_id,
        time=told.event_time,
    )


def _bridge(event: dict[str, object]) -> Normalised:
    if event.get("source") != "aws.s3":
        raise Malformed("unknown_shape", "source")
    if event["detail-type"] != "Object Created":
        return Normalised(ignored=1)
    told = _converted(event, _BridgeEvent)
    thing = told.detail.object
    seen = _Seen(
        bucket=told.detail.bucket.name,
        key=thing.key,
        etag=thing.etag or thing.eTag,
        version_id=thing.version_id,
        sequencer=thing.sequencer,
        size=thing.size,
        content_type=None,
        user=told.detail.requester,
        time=told.time,
    )
    return Normalised(notices=(_notice(seen),))


def _notice(seen: _Seen) -> Notice:
    etag = (seen.etag or "").strip('"').lower() or None
    version_id = None if seen.version_id in {None, "", "null"} else seen.version_id
    # Without a sequencer the time of the event tells overwrites apart; a repeat of the event carries the same one.
    sequencer = (seen.sequencer or "").upper() or None
    order = sequencer or seen.time
    fields: dict[str, Any] = {
        "content_id": content_id(seen.bucket, seen.key, version_id, etag, order),
        "kind": _kind(seen.key, seen.content_type),
        "user": {"id": seen.user or "unknown"},
        "location": {"bucket": seen.bucket, "key": seen.key, "version_id": version_id, "etag": etag},
        "created_at": seen.time,
        "content_type": seen.content_type,
        "size": seen.size,
    }
    if not seen.bucket or not seen.key:
        raise Malformed("invalid_field", "location")
    return Notice(_converted(fields, Upload), sequencer)


def _kind(key: str, content_type: str | None) -> str:
    """Return what the names promise; the bytes decide later."""
    promised = (content_type or "").lower().startswith("video/")
    return "video" if promised or PurePosixPath(key).suffix.lower() in VIDEO_SUFFIXES else "image"


def _converted(value: object, shape: type[Shape]) -> Shape:
    """Return a decoded JSON value as a typed one; raise Malformed naming the field, never its value."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        found = _PATH.search(str(error))
        raise Malformed("invalid_field", (found.group(1) if found else None) or None) from error
