import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from streams.adapters.objects import Objects
from streams.adapters.s3 import unreadable
from streams.adapters.unreadable import Unreadable
from streams.core.content import Location
from streams.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LIMIT = 4096  # bytes


@pytest.fixture
def store(amazon: str, credentials: None) -> Iterator["S3Client"]:
    """Yield a client of the server, with an empty bucket `media` that keeps versions."""
    assert credentials is None
    client = boto3.client("s3", endpoint_url=amazon, region_name="us-east-1")
    client.create_bucket(Bucket="media")
    client.put_bucket_versioning(Bucket="media", VersioningConfiguration={"Status": "Enabled"})
    yield client
    for kind in ("Versions", "DeleteMarkers"):
        listed: Any = client.list_object_versions(Bucket="media").get(kind, [])
        for one in listed:
            client.delete_object(Bucket="media", Key=one["Key"], VersionId=one["VersionId"])
    client.delete_bucket(Bucket="media")
    client.close()


def settings(**changes: Any) -> Settings:
    return Settings(**{"media_limit": LIMIT, "media_timeout": 4.0, **changes})


@pytest.fixture
async def objects(amazon: str) -> AsyncIterator[Objects]:
    one = Objects(settings(s3_endpoint=amazon))
    yield one
    await one.close()


async def refused(objects: Objects, location: Location) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        await objects.fetch(location)
    return caught.value


async def test_the_named_version_is_read_and_not_the_newest(objects: Objects, store: "S3Client") -> None:
    key = "a b/ü+%.jpg"
    old = store.put_object(Bucket="media", Key=key, Body=b"old")["VersionId"]
    store.put_object(Bucket="media", Key=key, Body=b"new")
    assert (await objects.fetch(Location(bucket="media", key=key, version_id=old))).data == b"old"
    assert (await objects.fetch(Location(bucket="media", key=key))).data == b"new"


async def test_what_was_read_is_named_by_version_and_etag(objects: Objects, store: "S3Client") -> None:
    stored = store.put_object(Bucket="media", Key="a", Body=b"first")
    place = Location(bucket="media", key="a")
    version, etag = stored["VersionId"], stored["ETag"].strip('"')
    assert (await objects.fetch(place)).location == Location(bucket="media", key="a", version_id=version, etag=etag)
    store.put_object(Bucket="media", Key="a", Body=b"second")
    old = await objects.fetch(Location(bucket="media", key="a", version_id=version))
    assert old == (b"first", Location(bucket="media", key="a", version_id=version, etag=etag))


async def test_an_object_that_changed_since_its_event_is_not_read(objects: Objects, store: "S3Client") -> None:
    etag = store.put_object(Bucket="media", Key="a", Body=b"old")["ETag"].strip('"')
    assert (await objects.fetch(Location(bucket="media", key="a", etag=etag))).data == b"old"
    store.put_object(Bucket="media", Key="a", Body=b"new")
    error = await refused(objects, Location(bucket="media", key="a", etag=etag))
    assert (error.reason, error.retryable) == ("changed", False)


async def test_no_more_than_the_limit_is_read(objects: Objects, store: "S3Client") -> None:
    store.put_object(Bucket="media", Key="fits", Body=bytes(LIMIT))
    store.put_object(Bucket="media", Key="large", Body=bytes(LIMIT + 1))
    assert len((await objects.fetch(Location(bucket="media", key="fits"))).data) == LIMIT
    assert (await refused(objects, Location(bucket="media", key="large"))).reason == "too_large"
    assert len((await objects.fetch(Location(bucket="media", key="large"), LIMIT + 1)).data) == LIMIT + 1


class Vast:
    """A server whose every object has 20 GB; it sends them for as long as somebody reads."""

    def __init__(self) -> None:
        self.sent = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        """Start to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 16)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 20000000000\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(bytes(1 << 16))
                await writer.drain()
                self.sent += 1 << 16
        writer.close()


async def test_a_video_of_20_gigabytes_is_refused_by_its_size_and_not_read() -> None:
    async with Vast() as server:
        objects = Objects(settings(s3_endpoint=server.url, media_limit=20 << 20))
        error = await refused(objects, Location(bucket="media", key="film.mp4"))
        await objects.close()
    assert (error.reason, error.retryable) == ("too_large", False)
    assert server.sent < 16 << 20  # what fits into the buffers of both sockets


async def test_an_empty_object_is_empty(objects: Objects, store: "S3Client") -> None:
    store.put_object(Bucket="media", Key="empty", Body=b"")
    assert (await objects.fetch(Location(bucket="media", key="empty"))).data == b""


async def test_what_is_gone_archived_or_impossible_has_a_reason(objects: Objects, store: "S3Client") -> None:
    store.put_object(Bucket="media", Key="cold", Body=b"x", StorageClass="GLACIER")
    deleted = store.put_object(Bucket="media", Key="deleted", Body=b"x")["VersionId"]
    store.delete_object(Bucket="media", Key="deleted")
    reasons = {
        Location(bucket="media", key="nothing"): "object_not_found",
        Location(bucket="media", key="deleted"): "object_not_found",
        Location(bucket="media", key="cold"): "archived",
        Location(bucket="nowhere", key="a"): "bucket_not_found",
        Location(bucket="no bucket/../name", key="a"): "invalid_location",
        Location(bucket="media", key=""): "invalid_location",
    }
    for location, reason in reasons.items():
        error = await refused(objects, location)
        assert (error.reason, error.retryable) == (reason, False), location
    assert (await objects.fetch(Location(bucket="media", key="deleted", version_id=deleted))).data == b"x"


async def test_without_a_server_another_try_may_help() -> None:
    nobody = Objects(settings(s3_endpoint="http://127.0.0.1:9"))
    error = await refused(nobody, Location(bucket="media", key="a"))
    assert (error.reason, error.retryable) == ("unreachable", True)
    await nobody.close()


@pytest.mark.parametrize(
    ("code", "reason", "retryable"),
    [
        ("NoSuchKey", "object_not_found", False),
        ("NoSuchVersion", "object_not_found", False),
        ("405", "object_not_found", False),
        ("412", "changed", False),
        ("InvalidObjectState", "archived", False),
        ("AccessDenied", "access_denied", False),
        ("ExpiredToken", "access_denied", False),
        ("SlowDown", "unavailable", True),
        ("InternalError", "unavailable", True),
        ("502", "unavailable", True),
        ("SomethingNew", "refused", False),
    ],
)
def test_errors_are_told_apart_by_their_code(code: str, reason: str, *, retryable: bool) -> None:
    error = unreadable(ClientError({"Error": {"Code": code, "Message": "media/secret.jpg"}}, "GetObject"))
    assert (error.reason, error.retryable, str(error)) == (reason, retryable, reason)


def test_errors_of_the_connection_and_of_credentials_are_told_apart() -> None:
    assert unreadable(ReadTimeoutError(endpoint_url="http://x")).reason == "timeout"
    assert unreadable(EndpointConnectionError(endpoint_url="http://x")).retryable
    assert unreadable(NoCredentialsError()).reason == "no_credentials"


async def test_local_files_are_read_in_check_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"bytes")
    assert (await Objects(settings(), local=True).fetch(Location(path=str(file)))).data == b"bytes"
    assert (await refused(Objects(settings()), Location(path=str(file)))).reason == "local_not_allowed"


async def test_what_is_no_local_file_has_a_reason(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(LIMIT + 1))
    local = Objects(settings(), local=True)
    reasons = {
        str(tmp_path / "nothing"): "object_not_found",
        str(tmp_path): "invalid_location",
        str(tmp_path / "large"): "too_large",
        "/dev/zero": "invalid_location",
        "a\0b": "invalid_location",
        str(tmp_path / ("n" * 300)): "invalid_location",
    }
    for path, reason in reasons.items():
        assert (await refused(local, Location(path=path))).reason == reason, json.dumps(path)


async def test_web_addresses_go_to_listed_hosts_only() -> None:
    listed = Objects(settings(media_hosts=("media.example",)))
    assert (await refused(listed, Location(url="https://other.example/a.png"))).reason == "host_not_allowed"
    assert (await refused(Objects(settings()), Location(url="https://media.example/a"))).reason == "host_not_allowed"
