"""The sample feed is worth watching: every action occurs under the shipped policy, contexts and pictures among them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from PIL import Image, UnidentifiedImageError

from streams.adapters.rejected import Rejected
from streams.adapters.wire import Reader
from streams.cli.check import assembled
from streams.core.action import ACTIONS, RETURNED_FIRST
from streams.core.content import Message, Upload
from streams.core.notification import uploads
from streams.embedded.pictures import Picture, pictures
from streams.embedded.sample import Record, Sample, sample
from streams.settings import Settings

NOW = 1_790_000_000_000


@pytest.fixture(scope="module")
def drawn() -> tuple[Picture, ...]:
    """Return the thirty pictures."""
    return pictures()


@pytest.fixture(scope="module")
def feed(drawn: Sequence[Picture]) -> Sample:
    """Return the sample as `moderation demo` feeds it."""
    return sample(drawn, "bucket", "run", NOW, 240)


def texts(feed: Sample) -> list[Message]:
    """Return the sample's messages."""
    reader = Reader(Message, limit=262_144)
    return [reader.read(record.value) for record in feed.records if record.topic == "messages" and record.content_id]


def test_there_are_two_hundred_texts_in_25_conversations_and_thirty_pictures(
    feed: Sample, drawn: Sequence[Picture]
) -> None:
    told = texts(feed)
    assert len({message.content_id for message in told}) == 240
    assert len({message.conversation_id for message in told}) >= 25
    assert len(drawn) == 30
    assert len(feed.contents) == 270


def test_some_records_are_bad_one_comes_twice_and_one_answers_a_bounce(feed: Sample) -> None:
    reader = Reader(Message, limit=262_144)
    bad = [record for record in feed.records if record.content_id is None]
    assert len(bad) == feed.dead_letters == 2
    for record in bad:
        with pytest.raises(Rejected):
            reader.read(record.value)
    ids = Counter(message.content_id for message in texts(feed))
    assert sorted(ids.values())[-2:] == [1, 2]
    assert sum(message.resubmits is not None for message in texts(feed)) == 1


def test_a_conversation_stays_in_order_and_is_told_among_others(feed: Sample) -> None:
    told = texts(feed)
    moments = [message.created_at for message in told]
    assert moments == sorted(moments)
    neighbours = sum(a.conversation_id == b.conversation_id for a, b in pairwise(told))
    assert neighbours < len(told) / 3


def test_two_runs_have_the_same_content_and_other_ids(feed: Sample, drawn: Sequence[Picture]) -> None:
    again = sample(drawn, "bucket", "again", NOW + 1, 240)
    assert [message.text for message in texts(again)] == [message.text for message in texts(feed)]
    assert not again.contents & feed.contents


def test_a_longer_sample_begins_anew_in_other_conversations(drawn: Sequence[Picture]) -> None:
    told = texts(sample(drawn, "bucket", "run", NOW, 500))
    assert len({message.content_id for message in told}) == 500
    assert len({message.conversation_id for message in told}) >= 50


def test_a_sample_of_one_text_begins_with_it(drawn: Sequence[Picture]) -> None:
    small = sample(drawn, "bucket", "run", NOW, 1)
    assert len(texts(small)) == 1
    assert small.records[0].content_id is not None


def test_every_action_occurs_under_the_shipped_policy(feed: Sample, drawn: Sequence[Picture], tmp_path: Path) -> None:
    for picture in drawn:
        if picture.data is not None:
            path = tmp_path / picture.key
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(picture.data)
    offline = assembled(Settings(policy=None), None, scores=False)
    inputs = [line for record in feed.records for line in _local(record, tmp_path)]
    with asyncio.Runner() as runner:
        decided = [msgspec.json.decode(line) for line in runner.run(offline.judged(inputs))]
    actions = Counter(line["action"] for line in decided if "action" in line)
    assert set(actions) == set(ACTIONS) - RETURNED_FIRST
    assert actions["allow"] > 150
    pictured = {line["content_id"]: line for line in decided if line.get("kind") == "image"}
    assert len(pictured) == 30
    assert sum(line["action"] == "block" for line in pictured.values()) == 3
    assert sum(line["partial"] for line in pictured.values()) == 2
    (wine,) = [line for line in pictured.values() if line["labels"] == ["alcohol"]]
    assert (wine["action"], wine["confidence"] > 90, "severity" in wine) == ("flag", True, False)
    assert any(len(line["context"]) == 10 for line in decided if "context" in line)
    assert sum("error" in line for line in decided) == 2
    assert sum("repeated" in line for line in decided) == 1


def _local(record: Record, folder: Path) -> list[bytes]:
    """Return a record as lines whose pictures lie in a folder instead of a bucket."""
    if record.content_id is None:
        return [record.value]
    if record.topic == "s3-events":
        found = uploads(msgspec.json.decode(record.value)).uploads
        return [_moved(msgspec.json.encode(upload), folder) for upload in found]
    return [_moved(record.value, folder)]


def _moved(value: bytes, folder: Path) -> bytes:
    fields = msgspec.json.decode(value)
    for place in [fields.get("location"), *fields.get("attachments", [])]:
        if place is not None:
            place["path"] = str(folder / place.pop("key"))
            for name in ("bucket", "etag"):
                place.pop(name, None)
    return msgspec.json.encode(fields)


def test_the_pictures_are_what_they_are_announced_as(drawn: Sequence[Picture]) -> None:
    formats = Counter()  # type: Counter[str | None]
    for picture in drawn:
        if picture.data is None:
            continue
        try:
            with Image.open(BytesIO(picture.data)) as image:
                formats[image.format] += 1
                assert Image.MIME[image.format or ""] == picture.content_type
        except UnidentifiedImageError:
            formats[None] += 1
    assert formats["GIF"] == formats["WEBP"] == 1
    assert formats["PNG"] + formats["JPEG"] == 27


def test_the_pictures_are_the_same_every_time(drawn: Sequence[Picture]) -> None:
    assert pictures() == drawn


def test_uploads_and_notifications_both_announce_pictures(feed: Sample) -> None:
    announced = Counter(record.topic for record in feed.records)
    assert announced["s3-events"] >= 9
    assert announced["uploads"] >= 19
    reader = Reader(Upload, limit=262_144)
    for record in feed.records:
        if record.topic == "uploads":
            assert reader.read(record.value).content_id == record.content_id
