"""S3: bucket, key and version in, the bytes of exactly that version out, and which one it was."""

import asyncio
import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
)

from streams.adapters.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ATTEMPTS: Final = 2  # botocore's own; whoever reads a task tries again within the time it has
CHUNK: Final = 1 << 16  # bytes

# By error code, never by HTTP status: access is denied as 400 and as 403. HeadObject-like answers without a body give
# the bare status as their code.
PERMANENT: Final[dict[str, Reason]] = {
    "NoSuchKey": "object_not_found",
    "NoSuchVersion": "object_not_found",
    "MethodNotAllowed": "object_not_found",  # the version is a delete marker
    "404": "object_not_found",
    "405": "object_not_found",
    "PreconditionFailed": "changed",
    "412": "changed",
    "InvalidObjectState": "archived",
    "NoSuchBucket": "bucket_not_found",
    "InvalidBucketName": "invalid_location",
    "KeyTooLongError": "invalid_location",
    "InvalidArgument": "invalid_location",  # a version id that cannot exist
    "AccessDenied": "access_denied",
    "AllAccessDisabled": "access_denied",
    "AccountProblem": "access_denied",
    "ExpiredToken": "access_denied",
    "InvalidAccessKeyId": "access_denied",
    "InvalidToken": "access_denied",
    "SignatureDoesNotMatch": "access_denied",
    "401": "access_denied",
    "403": "access_denied",
}
# Refused whatever the object is: the deployment is wrong.
LOCKED: Final = frozenset(
    {
        "AccountProblem",
        "AllAccessDisabled",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "401",
    }
)
DENIED: Final = 10  # objects denied one after the other, from which on it may be the deployment
RETRYABLE: Final = frozenset(
    {
        "SlowDown",
        "InternalError",
        "RequestTimeout",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "429",
        "500",
        "502",
        "503",
        "504",
    }
)


log = logging.getLogger(__name__)


class Stored(NamedTuple):
    """An object as it was read."""

    data: bytes
    version_id: str | None = None  # None in a bucket without versions
    etag: str | None = None  # without its quotation marks


class S3:
    """Reads objects; boto3 blocks, so each read takes a thread, and at most `concurrency` of them at a time."""

    def __init__(
        self,
        *,
        endpoint: str | None,
        region: str,
        limit: int,
        timeout: float,
        concurrency: int,
        locked: Callable[[str], object] | None = None,
    ) -> None:
        """Take the largest object in bytes and the seconds for one read; connects with the first read.

        `locked` is called, in a thread, with one line that says what to do, when no object can be read: the credentials
        are refused, or those of a bucket that may be listed are denied one after the other. Where it may not be listed
        a missing object is denied, too, so that nothing can be told.
        """
        self._endpoint = endpoint
        self._region = region
        self._limit = limit
        self._timeout = timeout
        self._concurrency = concurrency
        self._gate = asyncio.Semaphore(concurrency)
        self._client: S3Client | None = None
        self._made = Lock()
        self._locked = locked
        self._denied = 0  # objects, one after the other

    async def read(
        self, bucket: str, key: str, version_id: str | None = None, etag: str | None = None, limit: int | None = None
    ) -> Stored:
        """Return an object, of the version when one is named, else of the etag; raise Unreadable.

        `limit` stands in for the largest object of the others, in bytes.
        """
        async with self._gate:
            return await asyncio.to_thread(self._read, bucket, key, version_id, etag, limit or self._limit)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await asyncio.to_thread(self._client.close)

    def _read(self, bucket: str, key: str, version_id: str | None, etag: str | None, limit: int) -> Stored:
        request: dict[str, Any] = {"Bucket": bucket, "Key": key}
        if version_id:
            request["VersionId"] = version_id
        elif etag:
            request["IfMatch"] = f'"{etag}"'
        try:
            answer = self._connected().get_object(**request)
            if answer["ContentLength"] > limit:
                answer["Body"].close()
                raise Unreadable("too_large")
            self._denied = 0
            data = self._drained(answer["Body"], monotonic() + self._timeout, limit)
            return Stored(data, answer.get("VersionId") or version_id, _bare(answer.get("ETag")) or etag)
        except (ClientError, BotoCoreError, ValueError) as error:
            found = unreadable(error)
            self._look(found, error, bucket)
            raise found from error

    def _look(self, found: Unreadable, error: Exception, bucket: str) -> None:
        """Tell the deployment's faults from those of one object."""
        if self._locked is None:
            return
        code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
        if code in LOCKED or found.reason == "no_credentials":
            self._locked(f"S3 refuses the credentials ({code or found.reason}): renew them")
        self._denied = self._denied + 1 if found.reason == "access_denied" else 0
        if self._denied and self._denied % DENIED == 0:
            if self._may_list(bucket):
                self._locked(
                    f"S3 denied {self._denied} objects one after the other: allow s3:GetObject and s3:GetObjectVersion"
                )
            log.error("S3 denied %d objects one after the other: are they gone? s3:ListBucket tells", self._denied)

    def _may_list(self, bucket: str) -> bool:
        try:
            self._connected().head_bucket(Bucket=bucket)
        except (ClientError, BotoCoreError):
            return False
        return True

    def _drained(self, body: Any, until: float, limit: int) -> bytes:
        """Return what a stream holds; its size and its pace are the other side's word."""
        chunks, size = [], 0
        try:
            while chunk := body.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise Unreadable("too_large")
                if monotonic() > until:
                    raise Unreadable("timeout", retryable=True)
                chunks.append(chunk)
        finally:
            body.close()
        return b"".join(chunks)

    def _connected(self) -> "S3Client":
        with self._made:
            if self._client is None:
                # Two attempts of at most 3/8 of the time each, and a pause: done before the reader gives up.
                config = Config(
                    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                    connect_timeout=self._timeout / 8,
                    read_timeout=self._timeout / 4,
                    max_pool_connections=self._concurrency,
                )
                # A session of its own: boto3's shared one is not made for threads.
                session = boto3.session.Session()
                self._client = session.client(
                    "s3", endpoint_url=self._endpoint, region_name=self._region, config=config
                )
            return self._client


def _bare(etag: str | None) -> str | None:
    return etag.strip('"') if etag else None


def unreadable(error: Exception) -> Unreadable:
    """Return what boto3 raised as a reason, by its error code."""
    match error:
        case ClientError():
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in PERMANENT:
                return Unreadable(PERMANENT[code])
            return Unreadable("unavailable", retryable=True) if code in RETRYABLE else Unreadable("refused")
        case ConnectTimeoutError() | ReadTimeoutError():
            return Unreadable("timeout", retryable=True)
        case NoCredentialsError() | PartialCredentialsError():
            return Unreadable("no_credentials")
        case ParamValidationError() | ValueError():  # ValueError: an endpoint that is no URL
            return Unreadable("invalid_location")
        case _:
            return Unreadable("unreachable", retryable=True)
