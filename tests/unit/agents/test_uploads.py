"""The handler of `uploads`: a caption is put to engines with roles of their own, the picture to the media engines."""

from typing import Any

import msgspec

from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.uploads import Opening, Uploads
from streams.core.content import Upload
from streams.core.judge import judged
from streams.core.policy import Policy
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.core.given import NOON, Words, WordsConfig, policy
from tests.unit.runtime.records import Record

WORDS = Words(WordsConfig(words=("bad",)))


async def opened(judge_by: Policy, *captions: str | None) -> Unit:
    """Return what the handler wants to write for pictures with these captions."""
    metrics, unit = Metrics(), Unit(0, 1, {}, NOON)
    intake = Intake(Reader(Upload, limit=10_000), topic="uploads", dead_letters="dlq", share=0.5, metrics=metrics)
    opening = Opening(Emission("", "uploads", "json"), policy=judge_by, engines=[WORDS], judge=judged, metrics=metrics)
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
