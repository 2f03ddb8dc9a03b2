"""Every published shape of a notification names its objects."""

import json

from tests.system.notification import Object, is_stale, objects

S3 = {
    "Records": [
        {
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-01-31T12:00:00.000Z",
            "s3": {"bucket": {"name": "b"}, "object": {"key": "a+b%2Bc.png", "eTag": "E1", "sequencer": "00a"}},
        },
        {"eventName": "ObjectRemoved:Delete", "s3": {"bucket": {"name": "b"}, "object": {"key": "x"}}},
    ]
}


def test_s3_and_minio_keys_are_decoded_and_removals_ask_for_nothing() -> None:
    assert list(objects(S3)) == [(Object("b", "a b+c.png", "", "e1"), "00A", "00A")]


def test_a_record_may_come_alone() -> None:
    assert list(objects(S3["Records"][0])) == list(objects(S3))


def test_sns_wraps_the_same_in_a_text() -> None:
    assert list(objects({"Type": "Notification", "Message": json.dumps(S3)})) == list(objects(S3))


def test_eventbridge_does_not_encode_keys_and_a_version_tells_overwrites_apart() -> None:
    detail = {"bucket": {"name": "b"}, "object": {"key": "a+b", "etag": "e", "version-id": "v1", "sequencer": "1"}}
    event = {"detail-type": "Object Created", "time": "2026-01-31T12:00:00Z", "detail": detail}
    assert list(objects(event)) == [(Object("b", "a+b", "v1", "e"), "", "1")]
    assert not list(objects({**event, "detail-type": "Object Deleted"}))


def test_the_order_of_minio_is_none() -> None:
    record = {**S3["Records"][0], "eventSource": "minio:s3"}
    assert list(objects(record)) == [(Object("b", "a b+c.png", "", "e1"), "2026-01-31T12:00:00.000Z", "")]


def test_an_event_is_stale_where_a_newer_one_of_its_key_was_told() -> None:
    assert is_stale("00A", "00A1")
    assert not any(is_stale(*pair) for pair in [("00A", "00A0"), ("00B", "00A1"), ("", "00A"), ("00A", "")])
