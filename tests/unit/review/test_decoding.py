import json
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import pytest

from streams.core.restriction import Standing
from streams.metrics import Metrics
from streams.review.decoding import Decoding
from streams.settings import Settings
from streams.store.batch import UserStanding

MESSAGE = {
    "content_id": "m1",
    "kind": "message",
    "user": {"id": "vex"},
    "text": "the secret of vex",
    "created_at": "2026-01-31T12:00:00Z",
}


class Record(NamedTuple):
    """A record as the client has it."""

    on: str
    at: int
    content: bytes | None
    name: bytes | None = b"vex"
    number: int = 0

    def topic(self) -> str:
        """Return its topic."""
        return f"moderation.{self.on}"

    def partition(self) -> int:
        """Return its partition."""
        return self.number

    def offset(self) -> int:
        """Return its offset."""
        return self.at

    def timestamp(self) -> tuple[int, int]:
        """Return its time."""
        return 1, 1000 + self.at

    def key(self) -> bytes | None:
        """Return its key."""
        return self.name

    def value(self) -> bytes | None:
        """Return its bytes."""
        return self.content

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        """Return no headers."""
        return None


@pytest.fixture
def metrics() -> Metrics:
    """Return metrics of this test."""
    return Metrics()


def skipped(metrics: Metrics, topic: str, reason: str) -> float | None:
    return metrics.registry.get_sample_value("moderation_review_skipped_total", {"topic": topic, "reason": reason})


def text(content_id: str) -> bytes:
    return json.dumps({**MESSAGE, "content_id": content_id}).encode()


def test_a_fetch_becomes_a_batch_with_the_next_offset_of_each_partition(metrics: Metrics) -> None:
    records = [
        Record("messages", 4, text("m1")),
        Record("standings", 7, msgspec.json.encode(Standing("vex", 5))),
        Record("messages", 5, text("m2")),
        Record("messages", 0, text("m3"), number=1),
    ]
    batch = Decoding(Settings(), metrics).batch(records)
    assert [(read.record.content_id, read.partition, read.offset, read.at) for read in batch.messages] == [
        ("m1", 0, 4, 1004),
        ("m2", 0, 5, 1005),
        ("m3", 1, 0, 1000),
    ]
    assert [read.record for read in batch.standings] == [UserStanding("vex", Standing("vex", 5))]
    assert batch.positions == {("messages", 0): 6, ("messages", 1): 1, ("standings", 0): 8}
    assert metrics.registry.get_sample_value("moderation_review_taken_total", {"topic": "messages"}) == 3


def test_the_tombstone_of_a_standing_says_that_nothing_is_known_of_its_user(metrics: Metrics) -> None:
    batch = Decoding(Settings(), metrics).batch([Record("standings", 0, None)])
    assert [read.record for read in batch.standings] == [UserStanding("vex", None)]


BAD: Sequence[tuple[str, bytes | None, bytes | None, str]] = (
    ("messages", b"\x80garbage", b"k", "unknown_format"),
    ("messages", None, b"k", "tombstone"),
    ("actions", b'{"content_id": 1}', b"k", "wrong_type"),
    ("uploads", b"{" + b" " * 2_000, b"k", "too_large"),
    ("standings", None, b"\xff", "invalid_utf8"),
)


@pytest.mark.parametrize(("topic", "value", "key", "reason"), BAD)
def test_what_cannot_be_read_is_passed_over_and_told_by_its_place_alone(
    topic: str, value: bytes | None, key: bytes | None, reason: str, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    batch = Decoding(Settings(record_limit=1024), metrics).batch(
        [Record(topic, 3, value, key), Record("messages", 9, text("m1"), number=1)]
    )
    assert [read.record.content_id for read in batch.messages] == ["m1"]
    assert batch.positions == {(topic, 0): 4, ("messages", 1): 10}
    assert skipped(metrics, topic, reason) == 1
    assert caplog.messages == [f"passed over what cannot be read: {topic}, partition 0, offset 3"]


def test_an_empty_prefix_is_one_too(metrics: Metrics) -> None:
    class Plain(Record):
        def topic(self) -> str:
            """Return its topic."""
            return self.on

    batch = Decoding(Settings(topic_prefix=""), metrics).batch([Plain("messages", 0, text("m1"))])
    assert batch.positions == {("messages", 0): 1}
