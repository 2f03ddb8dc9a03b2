"""Files against moto's S3, and addresses that sign what a page may send."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from streams.adapters.uploading import Medium, UploadError, Uploading, medium, new_key

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def store(amazon: str, credentials: None) -> Iterator["S3Client"]:
    assert credentials is None
    client = boto3.client("s3", endpoint_url=amazon, region_name="us-east-1")
    client.create_bucket(Bucket="photos")
    yield client
    client.close()


def file(folder: Path, data: bytes, name: str = "anna at home.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("head", "content_type", "suffix"),
    [
        (PNG, "image/png", "png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "jpg"),
        (b"GIF89a", "image/gif", "gif"),
        (b"RIFF....WEBP", "image/webp", "webp"),
        (b"\0\0\0\x20ftypisom", "video/mp4", "mp4"),
        (b"\x1a\x45\xdf\xa3....webm", "video/webm", "webm"),
    ],
)
def test_the_bytes_say_what_a_file_is_and_not_its_name(
    head: bytes, content_type: str, suffix: str, tmp_path: Path
) -> None:
    path = file(tmp_path, head)
    assert medium(path, 1000) == Medium(path, content_type, suffix, len(head))


@pytest.mark.parametrize(
    ("data", "said"), [(b"", "none of the formats"), (b"text", "none of the formats"), (PNG + bytes(1000), "bytes are")]
)
def test_what_would_not_be_read_is_not_uploaded(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(UploadError, match=said):
        medium(file(tmp_path, data), 1000)


def test_keys_tell_nothing_of_the_file_and_are_never_the_same() -> None:
    keys = {new_key("in/", "png") for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("in/") and key.endswith(".png") and len(key) == 39 for key in keys)


def test_a_file_is_stored_under_its_own_type(amazon: str, store: "S3Client", tmp_path: Path) -> None:
    uploading = Uploading("photos", endpoint=amazon, region="us-east-1")
    stored = uploading.put(medium(file(tmp_path, PNG), 1000), "in/a.png")
    got = store.get_object(Bucket="photos", Key="in/a.png")
    assert (got["ContentType"], got["Body"].read(), got["ETag"]) == ("image/png", PNG, f'"{stored.etag}"')
    assert stored.version_id is None
    uploading.close()


def test_a_page_may_put_just_this_type_and_size_without_credentials(
    amazon: str, store: "S3Client", tmp_path: Path
) -> None:
    uploading = Uploading("photos", endpoint=amazon, region="us-east-1")
    address = uploading.address(medium(file(tmp_path, PNG), 1000), "in/page.png", 600)
    query = parse_qs(urlsplit(address.url).query)
    assert set(query["X-Amz-SignedHeaders"][0].split(";")) == {"content-length", "content-type", "host"}
    assert query["X-Amz-Expires"] == ["600"]
    assert address.headers == {"Content-Type": "image/png", "Content-Length": str(len(PNG))}
    assert "canary" not in address.url
    request = urllib.request.Request(  # noqa: S310  the test's own server
        address.url, data=PNG, headers=dict(address.headers), method="PUT"
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        assert answer.status == 200
    assert store.get_object(Bucket="photos", Key="in/page.png")["Body"].read() == PNG
    uploading.close()


@pytest.mark.parametrize(
    ("where", "bucket", "code", "said"),
    [
        (None, "missing", 78, "bucket missing: bucket not found: check --bucket"),
        ("http://127.0.0.1:9", "photos", 69, "bucket photos: unreachable: check --bucket"),
        ("no URL", "photos", 78, "MODERATION_S3_ENDPOINT is no URL"),
    ],
)
def test_what_goes_wrong_is_one_line(
    where: str | None, bucket: str, code: int, said: str, amazon: str, tmp_path: Path
) -> None:
    with pytest.raises(UploadError, match=said) as caught:
        Uploading(bucket, endpoint=where or amazon, region="us-east-1").put(
            medium(file(tmp_path, PNG), 1000), "in/a.png"
        )
    assert caught.value.exit_code == code


def test_without_credentials_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    uploading = Uploading("photos", endpoint="http://127.0.0.1:9", region="us-east-1")
    with pytest.raises(UploadError, match="no credentials for S3"):
        uploading.address(medium(file(tmp_path, PNG), 1000), "in/a.png", 600)
