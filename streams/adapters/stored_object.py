"""Objects in S3 as executors handle them: seen, copied, tagged, removed at the version that was judged, or not at all.

Every call names a version, or the etag where the bucket has none: what came to lie there since is never touched.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from botocore.exceptions import ClientError

from streams.adapters.aws import Service
from streams.adapters.fault import Fault
from streams.core.content import Location

T = TypeVar("T")

LARGEST: Final = 5 << 30  # bytes that CopyObject copies, S3's limit

GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
CHANGED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412"})
# What a copy keeps of its original's headers; its metadata come beside them.
KEPT: Final = ("ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage")

Refusal = Literal["archived", "too_large", "bad_copy"]


class Gone(Exception):
    """Nothing lies there."""


class Changed(Exception):
    """Other bytes lie there."""


class Refused(Exception):
    """What is asked cannot be done, now or later; the text is the reason."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class Held(NamedTuple):
    """An object as it lies in S3."""

    location: Location  # with etag, and with the version where the bucket has versions
    size: int  # bytes
    modified: datetime
    headers: Mapping[str, str]
    metadata: Mapping[str, str]
    comparable: bool  # whether the etag says what the bytes are: not of multipart uploads, nor under KMS keys


class StoredObjects:
    """The objects of one region. Raises Fault beside what the methods name."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def region(self) -> str:
        """Return the region."""
        return self._service.region

    async def seen(self, location: Location) -> Held | None:
        """Return the object of that version, else of that etag, else whatever lies there; None where nothing does.

        Raises Changed where bytes of another etag lie there.
        """
        request = _pinned(location)
        try:
            answer = await self._call(lambda client: client.head_object(**request))
        except Gone:
            return None
        return _held(location, answer)

    async def copied(
        self, held: Held, bucket: str, key: str, metadata: Mapping[str, str], tags: Mapping[str, str], over: Held | None
    ) -> Held:
        """Return a copy, looked at once more where it lies. `over` is what it replaces, None for nothing.

        Raises Gone or Changed where the original is not there any more, Changed also where something else has come to
        lie at the new place.
        """
        if held.size > LARGEST:
            raise Refused("too_large")
        source = held.location
        origin = {"Bucket": source.bucket, "Key": source.key}
        if source.version_id is not None:
            origin["VersionId"] = source.version_id
        request = {
            "Bucket": bucket,
            "Key": key,
            "CopySource": origin,
            "CopySourceIfMatch": f'"{source.etag}"',
            "MetadataDirective": "REPLACE",
            "Metadata": {name: _ascii(value) for name, value in metadata.items()},
            "TaggingDirective": "REPLACE",
            "Tagging": urlencode(tags),
            **held.headers,
            **({"IfNoneMatch": "*"} if over is None else {"IfMatch": f'"{over.location.etag}"'}),
        }
        answer = await self._call(lambda client: client.copy_object(**request))
        etag = _etag(answer["CopyObjectResult"]["ETag"])
        copy = await self.seen(Location(bucket=bucket, key=key, version_id=answer.get("VersionId"), etag=etag))
        if copy is None or copy.size != held.size or copy.location.etag != etag:
            raise Refused("bad_copy")
        if held.comparable and copy.comparable and etag != source.etag:
            await self.removed(copy)
            raise Changed
        return copy

    async def removed(self, held: Held) -> None:
        """Remove that version, or what lies there while it has that etag. Raises Changed; what is gone is gone."""
        request = _pinned(held.location)
        try:
            await self._call(lambda client: client.delete_object(**request))
        except Gone:
            return

    async def tags(self, held: Held) -> list[tuple[str, str]]:
        """Return the tags of an object; raise Gone."""
        request = _versioned(held.location)
        answer = await self._call(lambda client: client.get_object_tagging(**request))
        return [(tag["Key"], tag["Value"]) for tag in answer["TagSet"]]

    async def tag(self, held: Held, tags: Mapping[str, str]) -> None:
        """Give an object these tags and no others; raise Gone. Without versions, whatever lies there gets them."""
        request = _versioned(held.location)
        tagging = {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}
        await self._call(lambda client: client.put_object_tagging(**request, Tagging=tagging))

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()

    async def _call(self, operation: Callable[[Any], T]) -> T:
        return await self._service.call(lambda client: _told(operation, client))


def _told(operation: Callable[[Any], T], client: Any) -> T:
    """Return what an operation brings; what S3 says of the object alone is raised as such."""
    try:
        return operation(client)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise Gone from None
        if code in CHANGED:
            raise Changed from None
        if code == "InvalidObjectState":
            raise Refused("archived") from None
        if code == "NoSuchBucket":
            raise Fault("not_found", "deployment") from None
        raise


def _versioned(location: Location) -> dict[str, Any]:
    request = {"Bucket": location.bucket, "Key": location.key}
    return request if location.version_id is None else request | {"VersionId": location.version_id}


def _pinned(location: Location) -> dict[str, Any]:
    request = _versioned(location)
    if location.version_id is None and location.etag is not None:
        request["IfMatch"] = f'"{location.etag}"'
    return request


def _held(location: Location, answer: Mapping[str, Any]) -> Held:
    etag, version = _etag(answer["ETag"]), answer.get("VersionId") or location.version_id
    return Held(
        location=Location(bucket=location.bucket, key=location.key, version_id=version, etag=etag),
        size=answer["ContentLength"],
        modified=answer["LastModified"],
        headers={name: answer[name] for name in KEPT if name in answer},
        metadata=answer.get("Metadata", {}),
        comparable="-" not in etag and answer.get("ServerSideEncryption", "AES256") == "AES256",
    )


def _etag(text: str) -> str:
    return text.strip('"').lower()


def _ascii(text: str) -> str:
    """Return a value of metadata as boto3 takes it."""
    return text if text.isascii() else quote(text)
