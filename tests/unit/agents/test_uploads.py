"""The handler of `uploads`: a caption is put to engines with roles of their own, the picture to the media engines."""

from typing import Any

import msgspec

from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.uploads import Events, Opening, Uploads
from streams.core.content import Upload
from streams.core.judge import judged
from streams.core.policy import Policy
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of
from tests.unit.core.given import NOON, Words, WordsConfig, policy
from tests.unit.runtime.records import Record

WORDS = Words(WordsConfig(words=("bad",)))


async def opened(judge_by: Policy, *captions: str | None) -> Unit:
    """Return what the handler wants to write for pictures with these captions."""
    metrics, unit = Metrics(), Unit(0, 1, {}, NOON)
    intake = Intake(Reader(Upload, limit=10_000), topic="uploads", dead_letters="dlq", share=0.5, metrics=metrics)
    opening = Opening(Emission("", "uploads", "json"), book=book_of(judge_by, [WORDS]), judge=judged, metrics=metrics)
    records = []
    for number, caption in enumerate(captions):
        upload: dict[str, Any] = {"content_id": f"i{number}", "kind": "image", "user": {"id": "u"}}
        upload |= {"location": {"bucket": "b", "key": "k"}, "created_at": "2026-01-31T12:00:00Z", "caption": caption}
        records.append(Record("uploads", 0, number, value=msgspec.json.encode(upload)))
    await Uploads(intake, opening)([*records, records[-1]], unit)
    return unit


def emitted(unit: Unit, topic: str) -> list[str]:
    """Return the keys that a unit sends to a topic."""
    return [key.decode() for partition in unit.outputs[topic].values() for key, _, _ in partition if key]


async def test_each_engine_is_asked_what_it_must_see_once() -> None:
    unit = await opened(policy(WORDS.rules, media=("qr",), apart=("text_llm",)), "so bad", None)
    assert emitted(unit, "findings") == ["i0", "i1"]
    assert emitted(unit, "tasks-media") == ["i0", "i1"]
    assert emitted(unit, "tasks-text-llm") == ["i0"]
    assert emitted(unit, "actions") == []


async def test_a_picture_that_nobody_looks_at_is_decided_unless_its_caption_is_put_to_somebody() -> None:
    unit = await opened(policy(WORDS.rules, apart=("text_llm",)), "so bad", None)
    assert (emitted(unit, "findings"), emitted(unit, "actions")) == (["i0"], ["i1"])
    assert emitted(unit, "tasks-media") == []


class Storage:
    """The handler of `s3-events` with its table, over several batches of one partition."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.table: dict[bytes, bytes] = {}
        judge_by = policy(WORDS.rules, media=("qr",))
        emission = Emission("", "uploads", "json")
        opening = Opening(emission, book=book_of(judge_by, [WORDS]), judge=judged, metrics=self.metrics)
        reader = Reader(dict[str, Any], limit=10_000)
        intake = Intake(reader, topic="s3-events", dead_letters="dlq", share=0.5, metrics=self.metrics, needs_key=False)
        self._events = Events(intake, opening, self.metrics)

    async def told(self, key: str, sequencer: str | None, etag: str, name: str = "ObjectCreated:Put") -> int:
        """Return how many cases one event opens."""
        thing = {"key": key, "eTag": etag, "sequencer": sequencer}
        storage = {"bucket": {"name": "b"}, "object": thing}
        event = {"Records": [{"eventName": name, "eventTime": "2026-01-31T12:00:00Z", "s3": storage}]}
        unit = Unit(0, 1, self.table, NOON)
        await self._events([Record("s3-events", 0, 0, value=msgspec.json.encode(event))], unit)
        self.table |= {key: value for key, value in unit.changes.items() if value is not None}
        return len(emitted(unit, "findings"))

    def ignored(self, reason: str) -> float:
        """Return how many events were counted as ignored for this reason."""
        return float(self.metrics.ignored_events.labels(reason)._value.get())


async def test_an_event_that_is_older_than_the_newest_of_its_object_opens_nothing_and_is_counted() -> None:
    storage = Storage()
    assert await storage.told("a", "00B1", "e2") == 1
    assert await storage.told("a", "00b", "e1") == 0  # right-padded: 00B0
    assert await storage.told("a", "00B1", "e2") == 0  # a repeat
    assert await storage.told("a", "00B10F", "e3") == 1
    assert storage.ignored("stale") == 1
    assert storage.metrics.duplicates.labels("image")._value.get() == 1


async def test_the_order_is_that_of_one_object_alone_and_asked_only_where_it_is_known() -> None:
    storage = Storage()
    assert await storage.told("a", "00FF", "e1") == 1
    assert await storage.told("b", "0001", "e1") == 1
    assert await storage.told("a", None, "e2") == 1
    assert storage.ignored("stale") == 0


async def test_a_deletion_is_counted_and_does_not_keep_the_object_that_stands_from_being_judged() -> None:
    storage = Storage()
    assert await storage.told("a", "00FF", "e1", name="ObjectRemoved:Delete") == 0
    assert await storage.told("a", "0001", "e1") == 1
    assert (storage.ignored("no_new_object"), storage.ignored("stale")) == (1, 0)
