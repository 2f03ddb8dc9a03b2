import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.job_end import ended_of
from streams.core.job_tag import tag_of
from streams.core.video_task import JobEnded

SAID = {
    "JobId": "j1",
    "Status": "SUCCEEDED",
    "API": "StartContentModeration",
    "JobTag": "v1",
    "Timestamp": 1_767_268_800_000,
    "Video": {"S3ObjectName": "a.mp4", "S3Bucket": "media"},
}


def body(**changes: Any) -> bytes:
    return json.dumps({**SAID, **changes}).encode()


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ERROR"])
def test_the_end_of_a_job_is_read_with_and_without_a_topics_envelope(status: str) -> None:
    plain = body(Status=status, Message="perhaps")
    wrapped = json.dumps({"Type": "Notification", "MessageId": "m", "Message": plain.decode()}).encode()
    assert ended_of(plain, 7) == ended_of(wrapped, 7) == JobEnded("v1", "j1", 7)


def test_a_content_id_of_any_characters_comes_back() -> None:
    assert ended_of(body(JobTag=tag_of("ü 1")), 7) == JobEnded("ü 1", "j1", 7)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"no json",
        b"\xff",
        b"[" * 100_000,
        b"7",
        b"[]",
        body(API="StartLabelDetection"),
        body(JobId=7),
        body(JobId=""),
        body(JobId="j" * 257),
        body(JobTag=None),
        body(JobTag="x" * 257),
        body(JobTag="a b"),
        json.dumps({"Type": "Notification", "Message": "no json"}).encode(),
        json.dumps({"Type": "SubscriptionConfirmation", "Message": "x"}).encode(),
    ],
)
def test_anything_else_is_no_end_of_a_job(other: bytes) -> None:
    assert ended_of(other, 7) is None


@given(st.binary(max_size=60) | st.from_type(type(None)).map(lambda _: b"null"))
def test_whatever_comes_is_read_without_an_error(other: bytes) -> None:
    assert ended_of(other, 7) is None
