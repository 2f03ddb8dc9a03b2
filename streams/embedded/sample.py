"""The sample feed of the demonstration: conversations and pictures written for it in, records for the topics out.

The content is the same every time; ids and times are those of the run, which are arguments.
"""

import random
import re
from collections.abc import Iterator, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec
import yaml

from streams.core.moment import iso
from streams.core.notification import uploads
from streams.embedded.pictures import Picture

Topic = Literal["messages", "uploads", "s3-events"]

FILE: Final = Path(__file__).parent / "sample.yaml"
LINE: Final = re.compile(r"(?P<author>[a-z0-9_]+): (?P<text>.*?)(?P<marks>(?: \{[a-z:-]+\})*)")
ACTIVE: Final = 8  # conversations that go on at the same time
SEED: Final = 20
# Records that no reader accepts: each becomes a dead letter.
MALFORMED: Final = (b'{"content_id": "half-a-rec', b'{"content_id": "no-user", "kind": "message", "text": "?"}')
NOTIFIED: Final = 3  # every third picture is announced by its storage, the others by the platform

_encode: Final = msgspec.json.Encoder().encode


class Record(NamedTuple):
    """One record of the feed."""

    topic: Topic
    key: bytes
    value: bytes
    content_id: str | None  # None: no content can be read from it
    needs_objects: bool = False  # the pictures must be stored before

    @property
    def is_stored(self) -> bool:
        """Say whether the storage tells of it."""
        return self.topic == "s3-events"


class Sample(NamedTuple):
    """The whole feed, in order, and what must come of it."""

    records: tuple[Record, ...]

    @property
    def contents(self) -> frozenset[str]:
        """Return the ids of which each must get exactly one decision."""
        return frozenset(record.content_id for record in self.records if record.content_id is not None)

    @property
    def announced(self) -> frozenset[str]:
        """Return those of them that the feed names itself."""
        return frozenset(record.content_id for record in self.records if record.content_id and not record.is_stored)

    @property
    def stored(self) -> int:
        """Return how many contents a storage tells of, and names, where there is one that does."""
        return sum(record.is_stored for record in self.records)

    @property
    def dead_letters(self) -> int:
        """Return how many records must become dead letters."""
        return sum(record.content_id is None for record in self.records)


class _Said(NamedTuple):
    """A line of a conversation."""

    conversation: str
    kind: str
    language: str | None
    author: str
    text: str
    marks: tuple[str, ...]


def sample(pictures: Sequence[Picture], bucket: str, run: str, now: int, messages: int) -> Sample:
    """Return the feed: `messages` texts, then all pictures; `run` makes ids fresh, `now` is milliseconds since 1970."""
    keys = {picture.name: picture.key for picture in pictures}
    said = _said(messages)
    last: dict[tuple[str, str], str] = {}
    records: list[Record] = []
    for number, line in enumerate(said):
        content_id = f"{run}-{number:04d}"
        conversation = f"{run}-{line.conversation}"
        fields = _message(line, content_id, conversation, iso(now - 1000 * (len(said) - number)))
        if "resubmits" in line.marks:
            fields["resubmits"] = last[conversation, line.author]
        shown = [mark.removeprefix("image:") for mark in line.marks if mark.startswith("image:")]
        if shown:
            fields["attachments"] = [{"kind": "image", "bucket": bucket, "key": keys[name]} for name in shown]
        last[conversation, line.author] = content_id
        record = Record("messages", conversation.encode(), _encode(fields), content_id, needs_objects=bool(shown))
        records += [record] * (2 if "again" in line.marks else 1)
    for number, value in enumerate(MALFORMED, 1):  # never first: its decision shows that the workers judge
        records.insert(1 + number * len(records) // 3, Record("messages", b"malformed", value, None))
    records += (_announced(picture, number, bucket, run, now) for number, picture in enumerate(pictures))
    return Sample(tuple(records))


def _message(line: _Said, content_id: str, conversation: str, at: str) -> dict[str, Any]:
    fields = {
        "content_id": content_id,
        "kind": line.kind,
        "user": {"id": line.author},
        "text": line.text,
        "created_at": at,
        "conversation_id": conversation,
    }
    return fields | ({"language": line.language} if line.language else {})


def _said(count: int) -> list[_Said]:
    """Return `count` lines, several conversations at a time; when all are told they begin anew under other names."""
    chance = random.Random(SEED)  # noqa: S311 - an order that looks natural, the same every time
    told: list[_Said] = []
    turn = 0
    while len(told) < count:
        turn += 1
        waiting = [list(lines) for lines in _conversations("" if turn == 1 else f"-{turn}")]
        active: list[list[_Said]] = []
        while waiting or active:
            while waiting and len(active) < ACTIVE:
                active.append(waiting.pop(0))
            lines = chance.choice(active)
            told.append(lines.pop(0))
            if not lines:
                active.remove(lines)
    return told[:count]


def _conversations(suffix: str) -> Iterator[Iterator[_Said]]:
    for block in yaml.safe_load(FILE.read_text("utf-8"))["conversations"]:
        yield (_parsed(line, block, suffix) for line in block["lines"])


def _parsed(line: str, block: dict[str, Any], suffix: str) -> _Said:
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"sample.yaml, {block['name']}: a line is `author: text`")
    marks = tuple(mark.strip(" {}") for mark in found["marks"].split())
    name = block["name"] + suffix
    return _Said(name, block.get("kind", "message"), block.get("language"), found["author"], found["text"], marks)


def _announced(picture: Picture, number: int, bucket: str, run: str, now: int) -> Record:
    """Return what tells of a picture: an upload by the platform, or a notification by the storage."""
    if number % NOTIFIED or picture.data is None:
        content_id = f"{run}-{picture.name}"
        fields = {
            "content_id": content_id,
            "kind": "image",
            "user": {"id": "gallery"},
            "location": {"bucket": bucket, "key": picture.key},
            "created_at": iso(now),
            "content_type": picture.content_type,
        }
        return Record("uploads", content_id.encode(), _encode(fields), content_id, needs_objects=True)
    event = _notification(picture, picture.data, bucket, now)
    (upload,) = uploads(event).uploads
    return Record(
        "s3-events", f"{bucket}/{picture.key}".encode(), _encode(event), upload.content_id, needs_objects=True
    )


def _notification(picture: Picture, data: bytes, bucket: str, now: int) -> dict[str, Any]:
    """Return S3's notification of a new object (event structure 2.1, the fields that are read)."""
    thing = {
        "key": picture.key,
        "size": len(data),
        "eTag": md5(data, usedforsecurity=False).hexdigest(),  # what S3 calls the etag of a small object
        "sequencer": f"{now:016X}",  # grows from run to run, as that of a storage does
    }
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": iso(now),
                "eventName": "ObjectCreated:Put",
                "userIdentity": {"principalId": "gallery"},
                "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket}, "object": thing},
            }
        ]
    }
