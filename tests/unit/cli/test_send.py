"""What `moderation send` makes of lines; sending itself is in tests/system."""

import json

import pytest

from streams.adapters.rejected import Rejected
from streams.cli.send import KEYS, Feed
from tests.unit.cli.conftest import lines, message, upload

LIMIT = 262_144
NOTIFICATION = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventTime": "2026-01-31T12:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "photos"}, "object": {"key": "a+b/%C3%BC.png", "size": 1, "eTag": "e"}},
        }
    ]
}


@pytest.mark.parametrize(
    ("topic", "record", "key"),
    [
        ("messages", message("m1", conversation_id="c1"), b"c1"),
        ("messages", message("m1"), b"m1"),
        ("uploads", {**upload("p1", "x"), "conversation_id": "c1"}, b"p1"),
        ("s3-events", NOTIFICATION, "photos/a b/ü.png".encode()),
        ("s3-events", {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"}, None),
    ],
)
def test_a_record_gets_the_key_of_its_topic(topic: str, record: dict[str, object], key: bytes | None) -> None:
    assert KEYS[topic](LIMIT)(json.dumps(record).encode()) == key


@pytest.mark.parametrize("topic", KEYS)
def test_a_record_of_another_shape_is_rejected(topic: str) -> None:
    with pytest.raises(Rejected):
        KEYS[topic](LIMIT)(b'{"a": 1}')


def test_invalid_lines_are_named_counted_and_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    feed = Feed(KEYS["messages"](LIMIT), raw=False)
    read = [lines(message("m1"), b"{", b"", message("m2")).split(b"\n")]
    assert [key for key, _ in feed.records(read, lambda _bytes, _lines: None)] == [b"m1", b"m2"]
    assert feed.invalid == 1
    assert capsys.readouterr().err == "moderation: line 2: truncated\n"


def test_raw_sends_invalid_lines_without_a_key() -> None:
    feed = Feed(KEYS["messages"](LIMIT), raw=True)
    assert list(feed.records([[b"{"]], lambda _bytes, _lines: None)) == [(None, b"{")]
    assert feed.invalid == 0
