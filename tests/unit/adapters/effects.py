"""Effects for the tests of executors."""

from collections.abc import Mapping

from streams.core.decision import Decision
from streams.core.effect import Effect, Sink, Work
from tests.unit.core.decisions import made

WORKS: Mapping[Sink, Work] = {"sns": "notify", "dynamodb": "record", "webhook": "post"}


def effect(sink: Sink, target: Mapping[str, str], decision: Decision | None = None) -> Effect:
    """Return what one sink is to do about a decision."""
    about = decision or made()
    return Effect(
        content_id=about.content_id,
        sink=sink,
        name="effect",
        work=WORKS[sink],
        decision=about,
        target=dict(target),
        at=1_769_860_800_000,
    )
