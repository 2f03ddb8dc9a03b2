"""Uploading: a file in, an object of a bucket out; or an address to which a page may put it without credentials."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from botocore.parsers import ResponseParserError

from streams.adapters.s3 import unreadable
from streams.core.sniff import sniffed

HEAD: Final = 4096  # bytes by which a format is told
CONNECT: Final = 5.0  # seconds
ANSWER: Final = 60.0  # seconds for S3 to take what was sent so far
LONGEST: Final = 604_800  # seconds that an address may hold, S3's limit
FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    # what the bytes are -> content type, suffix of the key
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/gif", "gif"),
    "MP4": ("video/mp4", "mp4"),
    "WEBM": ("video/webm", "webm"),
    "MATROSKA": ("video/x-matroska", "mkv"),
}
CONFIGURATION: Final = 78  # EX_CONFIG
UNAVAILABLE: Final = 69  # EX_UNAVAILABLE


class UploadError(Exception):
    """A file that cannot be uploaded: one line for people; `exit_code` for the command line."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Medium(NamedTuple):
    """A file that may be uploaded."""

    path: Path
    content_type: str  # of its bytes, whatever its name says
    suffix: str
    size: int  # bytes


class Stored(NamedTuple):
    """An object that was stored; `version_id` where its bucket keeps versions."""

    key: str
    version_id: str | None
    etag: str


class Address(NamedTuple):
    """Where a page may put one file, once it sends these very headers."""

    key: str
    url: str
    headers: Mapping[str, str]
    expires: int  # seconds from now


def medium(path: Path, limit: int) -> Medium:
    """Return what a file is, by its first bytes; raise UploadError for one that is empty, too large or of no format."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    size = path.stat().st_size
    if size > limit:
        raise UploadError(f"{path}: {size:,} bytes are more than MODERATION_MEDIA_LIMIT, {limit:,}")
    found = sniffed(head)
    if found is None:
        raise UploadError(f"{path}: is none of the formats that are read: {', '.join(FORMATS)}")
    return Medium(path, *FORMATS[found], size)


def new_key(prefix: str, suffix: str) -> str:
    """Return a key that nobody can guess and nobody used before; names of files may name people, so none is in it."""
    return f"{prefix}{secrets.token_hex(16)}.{suffix}"


class Uploading:
    """Puts files into one bucket, with credentials found as boto3 does. Raises UploadError."""

    def __init__(self, bucket: str, *, endpoint: str | None, region: str) -> None:
        self._bucket = bucket
        config = Config(
            signature_version="s3v4",
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=CONNECT,
            read_timeout=ANSWER,
        )
        try:
            self._client = boto3.session.Session().client(
                "s3", endpoint_url=endpoint, region_name=region, config=config
            )
        except ValueError:
            raise UploadError("MODERATION_S3_ENDPOINT is no URL", CONFIGURATION) from None

    def put(self, what: Medium, key: str) -> Stored:
        """Store a file."""
        try:
            with what.path.open("rb") as file:
                answer = self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=file, ContentType=what.content_type, ContentLength=what.size
                )
            version = answer.get("VersionId")
            return Stored(key, None if version == "null" else version, answer["ETag"].strip('"').lower())
        except (ClientError, BotoCoreError, ResponseParserError, LookupError) as error:
            raise self._failure(error) from None

    def address(self, what: Medium, key: str, expires: int) -> Address:
        """Return where a page may put a file of exactly this type and size within `expires` seconds; asks nobody."""
        request: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": key,
            "ContentType": what.content_type,
            "ContentLength": what.size,
        }
        try:
            url: str = self._client.generate_presigned_url("put_object", Params=request, ExpiresIn=expires)
        except (ClientError, BotoCoreError, ValueError) as error:
            raise self._failure(error) from None
        signed = parse_qs(urlsplit(url).query).get("X-Amz-SignedHeaders", [""])[0].split(";")
        if not {"content-length", "content-type"} <= set(signed):
            raise AssertionError("type and size are part of the signature")
        return Address(key, url, {"Content-Type": what.content_type, "Content-Length": str(what.size)}, expires)

    def close(self) -> None:
        """Close the connections."""
        with suppress(BotoCoreError):
            self._client.close()

    def _failure(self, error: Exception) -> UploadError:
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            advice = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
            return UploadError(f"there are no credentials for S3: {advice}", CONFIGURATION)
        found = unreadable(error)
        code = UNAVAILABLE if found.retryable else CONFIGURATION
        return UploadError(f"bucket {self._bucket}: {found.reason.replace('_', ' ')}: {ADVICE}", code)


ADVICE: Final = "check --bucket, MODERATION_S3_ENDPOINT, MODERATION_S3_REGION, and that s3:PutObject is allowed"
