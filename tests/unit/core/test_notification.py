import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.content import Location
from streams.core.notification import Malformed, content_id, uploads


def record(**changes: Any) -> dict[str, Any]:
    """Return one record as S3 writes it; `object` is changed key by key, the rest replaced."""
    thing = {"key": "cat.jpg", "size": 10, "eTag": "AB12", "versionId": "v1", "sequencer": "0055AED6DCD90281E5"}
    thing |= changes.pop("object", {})
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:someone"},
        "s3": {"bucket": {"name": "media"}, "object": thing},
        **changes,
    }


def bridge(**changes: Any) -> dict[str, Any]:
    """Return one EventBridge event; `object` is changed key by key, the rest replaced."""
    thing = {"key": "a+b.png", "size": 3, "etag": "ff", "version-id": "v9", "sequencer": "00AA"}
    thing |= changes.pop("object", {})
    return {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "time": "2026-01-02T03:04:05Z",
        "detail": {"bucket": {"name": "media"}, "object": thing, "requester": "111122223333", "reason": "PutObject"},
        **changes,
    }


def envelope(message: object) -> dict[str, Any]:
    """Return what SNS makes of an event."""
    return {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x", "Message": message}


def test_a_record_of_s3_becomes_an_upload() -> None:
    (upload,) = uploads({"Records": [record()]}).uploads
    assert upload.location == Location(bucket="media", key="cat.jpg", version_id="v1", etag="ab12")
    assert (upload.kind, upload.size, upload.user.id) == ("image", 10, "AWS:someone")
    assert upload.created_at == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_every_record_of_an_event_counts_and_deletions_are_ignored() -> None:
    records = [
        record(object={"key": "one.jpg"}),
        record(eventName="ObjectRemoved:Delete"),
        record(eventName="ObjectRestore:Completed"),
        record(object={"key": "two.jpg"}),
    ]
    found = uploads({"Records": records})
    assert [upload.location.key for upload in found.uploads] == ["one.jpg", "two.jpg"]
    assert found.ignored == 2


@pytest.mark.parametrize(
    ("written", "key"),
    [("red+flower.jpg", "red flower.jpg"), ("a%2Fb%2B%C3%BC.jpg", "a/b+ü.jpg"), ("100%25.png", "100%.png")],
)
def test_keys_of_s3_and_minio_are_decoded_like_a_form(written: str, key: str) -> None:
    (upload,) = uploads({"Records": [record(object={"key": written, "urlDecodedKey": "not this one"})]}).uploads
    assert upload.location.key == key


def test_keys_of_eventbridge_are_taken_as_they_are() -> None:
    (upload,) = uploads(bridge(object={"key": "a+b%20c.png"})).uploads
    assert upload.location == Location(bucket="media", key="a+b%20c.png", version_id="v9", etag="ff")
    assert upload.user.id == "111122223333"


def test_other_events_of_eventbridge_are_ignored() -> None:
    assert uploads(bridge(**{"detail-type": "Object Deleted"})).ignored == 1


@pytest.mark.parametrize("inner", [{"Records": [record()]}, bridge()])
def test_an_envelope_of_sns_holds_the_same_uploads(inner: dict[str, Any]) -> None:
    assert uploads(envelope(json.dumps(inner))).uploads == uploads(inner).uploads


def test_the_greeting_of_s3_is_a_test() -> None:
    greeting = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-02T03:04:05Z", "Bucket": "media"}
    assert uploads(greeting).test
    assert uploads(envelope(json.dumps(greeting))).test


def test_minio_writes_a_prefix_and_its_envelope_or_a_bare_record() -> None:
    minio = record(eventName="s3:ObjectCreated:Put", eventSource="minio:s3", eventVersion="2.0")
    wrapped = {"EventName": "s3:ObjectCreated:Put", "Key": "media/cat.jpg", "Records": [minio]}
    assert len(uploads(wrapped).uploads) == 1
    assert uploads(wrapped).uploads == uploads(minio).uploads


def test_the_order_of_s3_and_eventbridge_is_kept_and_that_of_minio_is_none() -> None:
    def order(event: object) -> tuple[str, str | None]:
        (notice,) = uploads(event).notices
        return notice.place, notice.sequencer

    assert order({"Records": [record(object={"sequencer": "00aab"})]}) == ("media/cat.jpg", "00AAB")
    assert order(bridge(object={"key": "p/a b.png"})) == ("media/p/a b.png", "00AA")
    assert order({"Records": [record(eventSource="minio:s3")]}) == ("media/cat.jpg", None)
    assert order({"Records": [record(object={"sequencer": None})]}) == ("media/cat.jpg", None)


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.5", "2.6", "2.99"])
def test_every_minor_version_is_read_and_its_new_fields_are_ignored(version: str) -> None:
    new = record(eventVersion=version, invented={"field": 1}, object={"invented": [1]})
    assert len(uploads({"Records": [new], "invented": True}).uploads) == 1


def test_quotes_around_an_etag_and_a_literal_null_version_are_dropped() -> None:
    (upload,) = uploads({"Records": [record(object={"eTag": '"ABC-2"', "versionId": "null"})]}).uploads
    assert upload.location == Location(bucket="media", key="cat.jpg", etag="abc-2")


@pytest.mark.parametrize(
    ("key", "content_type", "kind"),
    [
        ("film.MP4", None, "video"),
        ("film", "video/webm", "video"),
        ("picture.jpeg", "image/jpeg", "image"),
        ("unknown", None, "image"),
        (".mp4", None, "image"),
    ],
)
def test_the_name_or_the_type_promises_a_video(key: str, content_type: str | None, kind: str) -> None:
    (upload,) = uploads({"Records": [record(object={"key": key, "contentType": content_type})]}).uploads
    assert upload.kind == kind


def test_a_repeat_has_the_same_id_and_an_overwrite_another() -> None:
    def id_of(**thing: Any) -> str:
        (upload,) = uploads({"Records": [record(object=thing)]}).uploads
        return upload.content_id

    assert id_of() == id_of()
    assert id_of() != id_of(versionId="v2")
    assert id_of(versionId=None) != id_of(versionId=None, sequencer="0055AED6DCD90281E6")
    assert id_of(versionId=None, sequencer="0055AA") == id_of(versionId=None, sequencer="0055aa")
    assert id_of(versionId=None) != id_of(versionId=None, eTag="cd34")


def test_without_a_sequencer_the_time_of_the_event_tells_overwrites_apart() -> None:
    thing = {"versionId": None, "sequencer": None}
    one, again, later = (
        uploads({"Records": [record(object=thing, eventTime=time)]}).uploads[0].content_id
        for time in ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z")
    )
    assert one == again != later


@given(st.lists(st.tuples(*[st.text(max_size=6)] * 4), min_size=2, max_size=2, unique=True))
def test_two_places_never_share_an_id(places: list[tuple[str, str, str, str]]) -> None:
    (one, other) = (content_id(bucket, key, None, etag, order) for bucket, key, etag, order in places)
    assert one != other


@pytest.mark.parametrize(
    ("event", "reason", "field"),
    [
        (None, "not_an_object", None),
        ([], "not_an_object", None),
        ("text", "not_an_object", None),
        ({}, "unknown_shape", None),
        ({"Records": []}, "no_records", None),
        ({"Records": {}}, "no_records", None),
        ({"Records": [1]}, "invalid_field", None),
        ({"Records": [record(eventVersion="3.0")]}, "unknown_version", "eventVersion"),
        ({"Records": [record(eventTime="yesterday")]}, "invalid_field", "created_at"),
        ({"Records": [record(eventTime="2026-01-02T03:04:05")]}, "invalid_field", "created_at"),
        ({"Records": [record(object={"key": "%ff%fe"})]}, "invalid_key", "s3.object.key"),
        ({"Records": [record(object={"key": ""})]}, "invalid_field", "location"),
        ({"Records": [record(object={"key": "k" * 1025})]}, "invalid_field", "location.key"),
        ({"Records": [record(object={"size": -1})]}, "invalid_field", "size"),
        ({"Records": [record(object={"size": "10"})]}, "invalid_field", "s3.object.size"),
        ({"Records": [record(userIdentity={"principalId": "p" * 300})]}, "invalid_field", "user.id"),
        ({"Records": [record(), record(s3={})]}, "invalid_field", "s3"),
        (bridge(source="someone.else"), "unknown_shape", "source"),
        (bridge(detail=None), "invalid_field", "detail"),
        (envelope("{"), "invalid_message", None),
        (envelope({}), "invalid_message", None),
        (envelope("[" * 10_000), "invalid_message", None),
        (envelope(json.dumps(envelope("{}"))), "unknown_shape", None),
    ],
)
def test_what_is_no_notification_is_named_without_its_content(event: object, reason: str, field: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        uploads(event)
    assert (caught.value.reason, caught.value.field) == (reason, field)


NOTIFICATIONS = {
    "minio_event_2019__home-assistant-core.json": ("test", "5jJkTAo.jpg"),
    "minio_event_record_2024__minio-blog.json": ("mybucket", "cmd.md"),
    "minio_kafka_event_2025__docs.json": ("test-bucket", "image.jpg"),
    "s3_event__aws-lambda-go.json": ("sourcebucket", "HappyFace.jpg"),
    "s3_event_with_decoded__aws-lambda-go.json": ("sourcebucket", "Happy Face.jpg"),
}


def test_recorded_events_are_understood_and_other_recordings_refused(shared: Path) -> None:
    files = sorted((shared / "data" / "events").glob("*.json"))
    assert {file.name for file in files} >= set(NOTIFICATIONS)
    for file in files:
        event = json.loads(file.read_bytes())
        if file.name in NOTIFICATIONS:
            (upload,) = uploads(event).uploads
            assert (upload.location.bucket, upload.location.key) == NOTIFICATIONS[file.name]
        else:
            with pytest.raises(Malformed):
                uploads(event)
