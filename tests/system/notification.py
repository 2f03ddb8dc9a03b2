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


def objects(event: dict[str, Any]) -> Iterator[tuple[Object, str]]:
    """Yield every created object of a notification, and what tells overwrites of it apart; nothing for other events."""
    if event.get("Type") == "Notification":  # SNS wraps the S3 notification in a string
        yield from objects(json.loads(event["Message"]))
    elif "detail" in event:  # EventBridge: the key is not encoded
        if event["detail-type"] == "Object Created":
            one = event["detail"]["object"]
            version, etag = one.get("version-id"), one.get("etag")
            order = one.get("sequencer") or event["time"]
            yield _named(event["detail"]["bucket"]["name"], one["key"], version, etag, order)
    else:  # S3 and MinIO: keys are encoded as in a form
        alone = [event] if "s3" in event else []  # as MinIO's webhook writes it
        for record in event.get("Records") or alone:
            if "ObjectCreated" in record["eventName"]:
                one = record["s3"]["object"]
                key, version, etag = unquote_plus(one["key"]), one.get("versionId"), one.get("eTag")
                order = one.get("sequencer") or record["eventTime"]
                yield _named(record["s3"]["bucket"]["name"], key, version, etag, order)


def _named(bucket: str, key: str, version: str | None, etag: str | None, order: str) -> tuple[Object, str]:
    versioned = version if version and version != "null" else ""
    return Object(bucket, key, versioned, (etag or "").strip('"').lower()), "" if versioned else order.upper()
