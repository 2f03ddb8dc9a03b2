"""Relaying: the body of one queue message in, the records for `s3-events` out, one for each object that it tells of.

An event with several records is taken apart: each object has its own Kafka key, and the events of one object, of
whichever message, lie in one partition in the order in which they were relayed. What the events mean is not asked here:
deletions and broken fields go on to whoever reads `s3-events`.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from streams.core.notification import Malformed, Reason, decoded, unwrapped

TEST: Final = "s3:TestEvent"

_encode: Final = msgspec.json.Encoder().encode


class Letter(Struct, frozen=True):
    """What yields no key, and why."""

    value: bytes
    reason: Reason


class Relayed(Struct, frozen=True):
    """What is to be written for one body."""

    records: tuple[tuple[bytes, bytes], ...] = ()  # decoded bucket/key, and one event with one record
    dead: tuple[Letter, ...] = ()
    test: bool = False  # S3's greeting: nothing is to be written


class _Named(Struct, frozen=True):
    name: str


class _Keyed(Struct, frozen=True):
    key: str


class _Storage(Struct, frozen=True):
    bucket: _Named
    object: _Keyed


def relayed(body: bytes) -> Relayed:
    """Return what a body of S3, SNS (wrapped or raw), EventBridge or MinIO becomes; raises nothing.

    What is wrapped by SNS goes on without its wrapping. A body of which nothing can be read is one dead letter.
    """
    try:
        event = _event(body)
        if event.get("Event") == TEST:
            return Relayed(test=True)
        if "detail-type" in event:
            place = _converted(event.get("detail"), _Storage)
            return Relayed(records=((_key(place.bucket.name, place.object.key), _encode(event)),))
        return _apart(_records(event))
    except Malformed as malformed:
        return Relayed(dead=(Letter(body, malformed.reason),))


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Malformed("not_an_object") from error
    if isinstance(event, dict) and "detail-type" not in event and "Type" in event and "Message" in event:
        event = unwrapped(event["Message"])
    if not isinstance(event, dict):
        raise Malformed("not_an_object")
    return event


def _records(event: dict[str, Any]) -> list[object]:
    if "Records" not in event:
        if "s3" in event and "eventName" in event:
            return [event]
        raise Malformed("unknown_shape")
    if not isinstance(event["Records"], list) or not event["Records"]:
        raise Malformed("no_records")
    return event["Records"]


def _apart(records: list[object]) -> Relayed:
    found: list[tuple[bytes, bytes]] = []
    dead: list[Letter] = []
    for record in records:
        value = _encode({"Records": [record]})
        try:
            storage = record.get("s3") if isinstance(record, dict) else None
            place = _converted(storage, _Storage)
            found.append((_key(place.bucket.name, decoded(place.object.key)), value))
        except Malformed as malformed:
            dead.append(Letter(value, malformed.reason))
    return Relayed(records=tuple(found), dead=tuple(dead))


def _key(bucket: str, key: str) -> bytes:
    if not bucket or not key:
        raise Malformed("invalid_field", "location")
    return f"{bucket}/{key}".encode()


def _converted(value: object, shape: type[_Storage]) -> _Storage:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise Malformed("invalid_field") from error
