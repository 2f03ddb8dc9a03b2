import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.notification import uploads
from streams.core.relayed import Letter, Relayed, relayed


def record(key: str, **more: Any) -> dict[str, Any]:
    """Return one record of S3."""
    storage = {"bucket": {"name": "media"}, "object": {"key": key, "eTag": "ab"}}
    return {"eventVersion": "2.5", "eventName": "ObjectCreated:Put", "s3": storage, **more}


def body(event: object) -> bytes:
    """Return an event as a queue has it."""
    return json.dumps(event).encode()


def wrapped(event: object) -> dict[str, Any]:
    """Return an event as SNS wraps it."""
    return {"Type": "Notification", "MessageId": "m", "TopicArn": "arn", "Message": json.dumps(event)}


BRIDGE = {
    "version": "0",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "time": "2026-01-02T03:04:05Z",
    "detail": {"bucket": {"name": "media"}, "object": {"key": "a+b.png", "etag": "ff"}},
}


def test_each_record_of_an_event_goes_alone_under_its_own_decoded_key() -> None:
    one, two = record("red+flower%2B.jpg"), record("a%2Fb.jpg", eventName="ObjectRemoved:Delete")
    found = relayed(body({"Records": [one, two]}))
    assert [key for key, _ in found.records] == [b"media/red flower+.jpg", b"media/a/b.jpg"]
    assert [json.loads(value) for _, value in found.records] == [{"Records": [one]}, {"Records": [two]}]
    assert (found.dead, found.test) == ((), False)


def test_eventbridge_goes_on_as_it_is_under_its_key_as_it_is() -> None:
    ((key, value),) = relayed(body(BRIDGE)).records
    assert (key, json.loads(value)) == (b"media/a+b.png", BRIDGE)


@pytest.mark.parametrize("event", [{"Records": [record("a.jpg")]}, BRIDGE])
def test_what_sns_wraps_goes_on_without_its_wrapping(event: dict[str, Any]) -> None:
    assert relayed(body(wrapped(event))) == relayed(body(event))


@pytest.mark.parametrize("wrapping", [wrapped, lambda event: event])
def test_the_greeting_of_s3_yields_nothing_at_all(wrapping: Any) -> None:
    greeting = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-02T03:04:05Z", "Bucket": "media"}
    assert relayed(body(wrapping(greeting))) == Relayed(test=True)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"", "not_an_object"),
        (b"no JSON", "not_an_object"),
        (b"[" * 10_000, "not_an_object"),
        (b"[]", "not_an_object"),
        (b"{}", "unknown_shape"),
        (body({"Records": []}), "no_records"),
        (body({"detail-type": "Object Created"}), "invalid_field"),
        (body({"detail-type": "Object Created", "detail": {"bucket": {"name": ""}, "object": {"key": "k"}}}),
         "invalid_field"),
        (body(wrapped({}) | {"Message": 1}), "invalid_message"),
        (body(wrapped({}) | {"Message": "{"}), "invalid_message"),
        (body(wrapped([])), "not_an_object"),
        (body(wrapped(wrapped({}))), "unknown_shape"),
    ],
)  # fmt: skip
def test_a_body_of_which_nothing_can_be_read_is_one_dead_letter_as_it_came(bad: bytes, reason: str) -> None:
    found = relayed(bad)
    assert found.records == ()
    assert [(letter.value, letter.reason) for letter in found.dead] == [(bad, reason)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (1, "invalid_field"),
        ({}, "invalid_field"),
        (record(""), "invalid_field"),
        (record("%ff%fe"), "invalid_key"),
        (record("k") | {"s3": None}, "invalid_field"),
    ],
)
def test_a_record_without_a_key_is_a_dead_letter_and_its_neighbours_go_on(bad: Any, reason: str) -> None:
    found = relayed(body({"Records": [record("a"), bad, record("b")]}))
    assert [key for key, _ in found.records] == [b"media/a", b"media/b"]
    assert [(json.loads(letter.value), letter.reason) for letter in found.dead] == [({"Records": [bad]}, reason)]


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert relayed(data).dead == (Letter(data, relayed(data).dead[0].reason),)


def test_recorded_events_keep_their_uploads_on_the_way(shared: Path) -> None:
    files = [*(shared / "data" / "events").glob("s3_event*"), *(shared / "data" / "events").glob("minio_*")]
    assert len(files) >= 5
    for file in files:
        found = relayed(file.read_bytes())
        told = uploads(json.loads(file.read_bytes()))
        assert [key.decode() for key, _ in found.records] == [notice.place for notice in told.notices]
        assert [uploads(json.loads(value)).notices for _, value in found.records] == [told.notices]
