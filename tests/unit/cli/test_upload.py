"""`moderation upload` as far as it needs no broker; the rest is in tests/system/test_bridge.py."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.adapters.uploading import Medium, Stored
from streams.cli.upload import announced
from streams.core.notification import uploads
from tests.unit.cli.conftest import Ran

ENVIRONMENT: dict[str, str | None] = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "MODERATION_S3_ENDPOINT": "http://127.0.0.1:9",
    "MODERATION_MEDIA_LIMIT": "2000",
}
Command = Callable[..., Ran]


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """Return the path of what begins as a PNG."""
    path = tmp_path / "p.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return str(path)


def test_an_address_is_printed_with_its_headers_and_its_end(moderation: Command, picture: str) -> None:
    ran = moderation("upload", picture, "--bucket", "photos", "--presign", env=ENVIRONMENT)
    assert (ran.code, ran.err) == (0, "")
    first, *rest = ran.out.splitlines()
    assert first.startswith("PUT http://127.0.0.1:9/photos/uploads/")
    assert rest[:2] == ["Content-Type: image/png", "Content-Length: 108"]
    assert rest[2].startswith(f"for {picture}, until ")


def test_an_address_as_json_names_all_that_a_page_needs(moderation: Command, picture: str) -> None:
    options = ("--bucket", "photos", "--prefix", "in/", "--presign", "--json")
    ran = moderation("upload", picture, picture, *options, env=ENVIRONMENT)
    one, other = (json.loads(line) for line in ran.out.splitlines())
    assert set(one) == {"file", "method", "url", "headers", "expires_at", "bucket", "key"}
    assert one["key"].startswith("in/")
    assert one["key"] != other["key"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("missing.png", "--bucket", "b"), 2, "missing.png"),
        ((), 2, "Missing argument"),
        (("{picture}",), 2, "Missing option '--bucket'"),
        (("{picture}", "--bucket", "b", "--presign", "--wait", "1"), 2, "--wait needs the records"),
        (("{picture}", "--bucket", "b", "--notified"), 69, "bucket b: unreachable"),
        (("{large}", "--bucket", "b", "--presign"), 1, "more than MODERATION_MEDIA_LIMIT, 2,000"),
        (("{text}", "--bucket", "b", "--presign"), 1, "none of the formats"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: tuple[str, ...], code: int, said: str, moderation: Command, picture: str, tmp_path: Path
) -> None:
    (tmp_path / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    (tmp_path / "a.txt").write_text("text")
    named = {"picture": picture, "large": tmp_path / "large.png", "text": tmp_path / "a.txt"}
    ran = moderation("upload", *(argument.format(**named) for argument in arguments), env=ENVIRONMENT)
    assert ran.code == code
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert said in ran.err


def test_the_id_of_a_version_is_that_which_its_notification_has() -> None:
    one = Medium(Path("x"), "video/mp4", "mp4", 5)
    record = announced(one, Stored("in/k.mp4", "v1", "ab"), "photos", "u")
    storage = {"bucket": {"name": "photos"}, "object": {"key": "in/k.mp4", "versionId": "v1", "sequencer": "0A"}}
    event = {"eventName": "ObjectCreated:Put", "eventTime": "2026-01-31T12:00:00Z", "s3": storage}
    (told,) = uploads({"Records": [event]}).uploads
    assert record.content_id == told.content_id
    assert (record.kind, record.size, record.location.version_id) == ("video", 5, "v1")
