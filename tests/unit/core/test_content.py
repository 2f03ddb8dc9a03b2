from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from streams.core.content import Attachment, Location, Message, Upload, User

WHEN = "2026-01-01T12:00:00.000Z"
MESSAGE = {"content_id": "m1", "kind": "message", "user": {"id": "u"}, "text": "hi", "created_at": WHEN}
UPLOAD = {
    "content_id": "i1",
    "kind": "image",
    "user": {"id": "u"},
    "location": {"bucket": "b", "key": "k"},
    "created_at": WHEN,
}


def read(record: dict[str, Any], kind: type[Message | Upload] = Message) -> Message | Upload:
    return msgspec.json.decode(msgspec.json.encode(record), type=kind)


@pytest.mark.parametrize(
    "allowed",
    [
        {"text": ""},
        {"text": "x" * 20_000},
        {"text": "🎉" * 20_000},  # characters, not bytes
        {"content_id": "x" * 256},
        {"conversation_id": "x" * 256},
        {"attachments": [{"kind": "image", "bucket": "b", "key": "k"}] * 20},
        {"user": {"id": "u", "role": "", "custom": {"any": ["thing"]}}},
        {"created_at": "2026-01-01T14:00:00+02:00"},
        {"kind": "profile"},
        {"unknown": "fields of later producers"},
    ],
)
def test_a_message_within_the_limits_is_read(allowed: dict[str, Any]) -> None:
    assert read({**MESSAGE, **allowed}).content_id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": "x" * 20_001}, r"\$.text"),
        ({"text": None}, r"\$.text"),
        ({"content_id": ""}, r"\$.content_id"),
        ({"content_id": "x" * 257}, r"\$.content_id"),
        ({"content_id": 7}, r"\$.content_id"),
        ({"kind": "image"}, r"\$.kind"),
        ({"kind": "song"}, r"\$.kind"),
        ({"user": {}}, r"\$.user"),
        ({"user": {"id": ""}}, r"\$.user.id"),
        ({"user": {"id": "u", "role": "x" * 257}}, r"\$.user.role"),
        ({"conversation_id": ""}, r"\$.conversation_id"),
        ({"tenant": "x" * 257}, r"\$.tenant"),
        ({"created_at": "2026-01-01T12:00:00"}, r"\$.created_at"),  # no time zone
        ({"created_at": "yesterday"}, r"\$.created_at"),
        ({"attachments": [{"kind": "image", "bucket": "b", "key": "k"}] * 21}, r"\$.attachments"),
        ({"attachments": [{"kind": "image"}]}, r"\$.attachments"),
        ({"attachments": [{"kind": "text", "url": "https://h/x"}]}, r"\$.attachments"),
    ],
)
def test_a_message_outside_of_the_limits_is_refused_with_the_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        read({**MESSAGE, **wrong})


@pytest.mark.parametrize("missing", sorted(MESSAGE))
def test_no_required_field_of_a_message_may_be_missing(missing: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=missing):
        read({name: value for name, value in MESSAGE.items() if name != missing})


@pytest.mark.parametrize("missing", sorted(UPLOAD))
def test_no_required_field_of_an_upload_may_be_missing(missing: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=missing):
        read({name: value for name, value in UPLOAD.items() if name != missing}, Upload)


@pytest.mark.parametrize(
    "wrong",
    [{"size": -1}, {"size": 2**53 + 1}, {"kind": "message"}, {"caption": "x" * 20_001}, {"location": {"key": "k"}}],
)
def test_an_upload_outside_of_the_limits_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read({**UPLOAD, **wrong}, Upload)


@pytest.mark.parametrize(
    "ways",
    [
        {},
        {"bucket": "b"},
        {"key": "k"},
        {"bucket": "b", "key": "k", "url": "https://h/x"},
        {"url": "https://h/x", "path": "x.png"},
        {"bucket": "b", "url": "https://h/x"},
        {"key": "k", "path": "x.png"},
    ],
)
def test_bytes_lie_in_exactly_one_place(ways: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="location needs"):
        Location(**ways)
    with pytest.raises(ValueError, match="location needs"):
        Attachment("image", **ways)


@pytest.mark.parametrize(
    "way", [{"bucket": "b", "key": "k", "version_id": "v"}, {"url": "https://h/x"}, {"path": "x.png"}]
)
def test_an_attachment_tells_where_its_bytes_lie(way: dict[str, str]) -> None:
    assert Attachment("image", **way).location() == Location(**way)


def test_content_never_shows_in_a_representation() -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    message = Message("m1", "message", User("u"), "swordfish", when)
    upload = Upload("i1", "image", User("u"), Location(bucket="b", key="k"), when, caption="swordfish")
    for text in (repr(message), str(message), f"{[message]}", repr(upload), str(upload), f"{[upload]}"):
        assert "swordfish" not in text
    assert "m1" in repr(message)
    assert "9 characters" in repr(message)
    assert "i1" in repr(upload)
