"""The handler of `actions`: effects by the version that judged, on the topics of their sinks."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import pytest

from streams.adapters.policies import Loaded
from streams.adapters.wire import Reader
from streams.agents.book import Book, unheard
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.plan import Plan
from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.effect import Effect, EffectRecord
from streams.core.effect_config import EffectPlan
from streams.core.judged_object import JudgedObject
from streams.core.panel import NOBODY
from streams.core.policy import PolicyRef
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import loaded_of
from tests.unit.core.decisions import made
from tests.unit.core.given import NOON, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
EFFECTS: Final[Reader[Any]] = Reader(EffectRecord, limit=LIMIT)
REF: Final = PolicyRef("chat", "now")
PLANS: Final = (
    EffectPlan("away", "s3", "quarantine", {"bucket": "held", "prefix": ""}, frozenset({"block"})),
    EffectPlan("tell", "webhook", "post", {"url": "https://example.org"}, frozenset({"block", "flag"})),
)
STORED: Final = (JudgedObject("image", Location(bucket="uploads", key="k", etag="0" * 32)),)


class Planning:
    """The handler, for a worker that knows one version."""

    def __init__(self, older: Callable[[PolicyRef], Awaitable[Loaded | None]] = unheard) -> None:
        self.metrics = Metrics()
        intake = Intake(
            Reader(Decision, limit=LIMIT), topic="actions", dead_letters="dlq", share=0.5, metrics=self.metrics
        )
        book = Book([loaded_of(msgspec.structs.replace(policy(), ref=REF, effects=PLANS))], older)
        self.handler = Plan(intake, Emission("", "execute", "json"), book=book, metrics=self.metrics)

    async def planned(self, *decisions: Decision) -> dict[str, list[Effect]]:
        """Return the effects of decisions by topic."""
        unit = Unit(0, 1, {}, NOON)
        batch = [
            Record("actions", 0, number, key=b"c", value=msgspec.json.encode(decision))
            for number, decision in enumerate(decisions)
        ]
        await self.handler(batch, unit)
        return {
            topic: [EFFECTS.read(value) for sent in parts.values() for _, value, _ in sent]
            for topic, parts in unit.outputs.items()
        }


async def test_effects_go_to_the_topics_of_their_sinks() -> None:
    found = await Planning().planned(
        made("c1", action="block", objects=STORED, policy=REF), made("c2", action="flag", policy=REF)
    )
    assert {topic: [(one.content_id, one.name) for one in effects] for topic, effects in found.items()} == {
        "effects-s3": [("c1", "away")],
        "effects-webhook": [("c1", "tell"), ("c2", "tell")],
    }
    assert found["effects-s3"][0].at == NOON


async def test_content_that_no_policy_judged_has_no_effects() -> None:
    assert await Planning().planned(made(action="block", policy=NOBODY)) == {}


async def test_decisions_of_versions_that_nobody_knows_have_no_effects_and_each_version_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    planning = Planning()
    gone, retired = PolicyRef("chat", "gone"), PolicyRef("retired", "gone")
    blocked: dict[str, Any] = {"action": "block", "objects": STORED}
    with caplog.at_level(logging.WARNING, "streams.agents.plan"):
        assert await planning.planned(made("c1", policy=gone, **blocked), made("c2", policy=gone, **blocked)) == {}
        assert await planning.planned(made("c1", policy=gone, revision=1, **blocked)) == {}
        assert await planning.planned(made("c3", policy=retired, **blocked)) == {}
    assert [record.getMessage() for record in caplog.records] == [
        "policy chat gone is not known: its decisions have no effects",
        "policy retired gone is not known: its decisions have no effects",
    ]
    assert planning.metrics.registry.get_sample_value("moderation_unknown_policies_total", {"role": "execute"}) == 4


async def test_a_version_that_judges_no_more_but_is_published_has_its_own_effects() -> None:
    before = PolicyRef("chat", "before")
    posted = (EffectPlan("told_before", "webhook", "post", {"url": "https://example.org"}, frozenset({"flag"})),)

    async def older(ref: PolicyRef) -> Loaded | None:
        return loaded_of(msgspec.structs.replace(policy(), ref=before, effects=posted)) if ref == before else None

    found = await Planning(older).planned(made(action="flag", policy=before))
    assert [one.name for one in found["effects-webhook"]] == ["told_before"]
