"""Which objects a notification names: S3, EventBridge, SNS and MinIO, read with nothing but the published shapes."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_plus


class Object(NamedTuple):
    """One media object, as exactly as it was named."""

    where: str  # bucket, or the whole url
    key: str = ""
    version: str = ""
    etag: str = ""


def located(location: dict[str, Any]) -> Object:
    """Return the object that an attachment or a location names."""
    if location.get("url"):
        return Object(str(location["url"]))
    return Object(
        str(location.get("bucket")),
        str(location.get("key")),
        str(location.get("version_id") or ""),
        str(location.get("etag") or ""),
    )


class Told(NamedTuple):
    """One created object of a notification."""

    object: Object
    apart: str  # tells overwrites apart, "" where the version does
    sequencer: str  # orders the events of one key, "" where none does


def objects(event: dict[str, Any]) -> Iterator[Told]:
    """Yield every created object of a notification; nothing for other events."""
    if event.get("Type") == "Notification":  # SNS wraps the S3 notification in a string
        yield from objects(json.loads(event["Message"]))
    elif "detail" in event:  # EventBridge: the key is not encoded
        if event["detail-type"] == "Object Created":
            one = event["detail"]["object"]
            version, etag = one.get("version-id"), one.get("etag")
            place = event["detail"]["bucket"]["name"], one["key"]
            yield _told(place, version, etag, one.get("sequencer"), event["time"])
    else:  # S3 and MinIO: keys are encoded as in a form
        alone = [event] if "s3" in event else []  # as MinIO's webhook writes it
        for record in event.get("Records") or alone:
            if "ObjectCreated" in record["eventName"]:
                one = record["s3"]["object"]
                key, version, etag = unquote_plus(one["key"]), one.get("versionId"), one.get("eTag")
                place = record["s3"]["bucket"]["name"], key
                ordered = record.get("eventSource") != "minio:s3"  # MinIO's order does not hold across a cluster
                yield _told(place, version, etag, one.get("sequencer") if ordered else None, record["eventTime"])


def _told(place: tuple[str, str], version: str | None, etag: str | None, sequencer: str | None, time: str) -> Told:
    versioned = version if version and version != "null" else ""
    order = (sequencer or "").upper()
    return Told(Object(*place, versioned, (etag or "").strip('"').lower()), "" if versioned else order or time, order)


def is_stale(sequencer: str, newest: str) -> bool:
    """Say whether an event is older than the newest of its key: hexadecimal fractions, one of them perhaps cut off."""
    return bool(sequencer) and sequencer.ljust(64, "0") < newest.ljust(64, "0")
