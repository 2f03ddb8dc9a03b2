"""The handler of `actions`: effects by the version that judged, on the topics of their sinks."""

import logging
from typing import Any, Final

import msgspec
import pytest

from streams.adapters.wire import Reader
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
from tests.unit.agents.books import book_of
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

    def __init__(self) -> None:
        self.metrics = Metrics()
        intake = Intake(
            Reader(Decision, limit=LIMIT), topic="actions", dead_letters="dlq", share=0.5, metrics=self.metrics
        )
        book = book_of(msgspec.structs.replace(policy(), ref=REF, effects=PLANS))
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


async def test_a_version_that_nobody_knows_leads_to_what_the_one_in_force_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    planning = Planning()
    with caplog.at_level(logging.CRITICAL):
        found = await planning.planned(made(action="flag", policy=PolicyRef("chat", "gone")))
        other = await planning.planned(made(action="flag", policy=PolicyRef("retired", "gone")))
    assert [one.name for one in found["effects-webhook"]] == ["tell"]
    assert other == {}
    assert planning.metrics.registry.get_sample_value("moderation_unknown_policies_total", {"role": "execute"}) == 2
