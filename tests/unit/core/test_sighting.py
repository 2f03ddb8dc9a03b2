from typing import Any

from streams.core.decision import Decision, Triggered
from streams.core.finding import Evidence
from streams.core.policy import PolicyRef
from streams.core.sighting import Sighting, sightings, worst_moment


def decided(kind: Any, *triggered: Triggered, shadow: tuple[Triggered, ...] = ()) -> Decision:
    return Decision(
        decision_id="d",
        content_id="c",
        kind=kind,
        user_id="u",
        revision=0,
        action="flag",
        labels=tuple(each.label for each in triggered),
        triggered=triggered,
        shadow=shadow,
        reports=(),
        context=(),
        policy=PolicyRef("shop", "v1"),
        source="automatic",
        escalate=False,
        partial=False,
        reason="because",
        received_at="2026-01-01T00:00:00.000Z",
        decided_at="2026-01-01T00:00:00.000Z",
    )


def rule(label: str, *evidence: Evidence, confidence: float | None = 90.0) -> Triggered:
    return Triggered(label, "enforce", "engine", label, "flag", confidence=confidence, evidence=evidence)


def test_places_in_the_object_of_that_number_are_told_and_no_others() -> None:
    box = (1, 2, 30, 40)
    decision = decided(
        "message",
        rule("qr_code", Evidence(box=box, attachment=1), Evidence(box=box, attachment=1), Evidence(payload="x")),
        rule("scam", Evidence(span=(0, 4)), Evidence(box=box)),
    )
    assert sightings(decision, 0) == ()
    assert sightings(decision, 1) == (Sighting("qr_code", "engine", "qr_code", None, 90.0, None, box),)


def test_a_picture_is_the_only_object_of_its_content() -> None:
    decision = decided("image", rule("qr_code", Evidence(box=(-4, 2, 30, 40))))
    assert [each.box for each in sightings(decision, 0)] == [(-4, 2, 30, 40)]
    assert sightings(decision, 1) == ()


def test_rules_in_shadow_mode_had_no_effect_and_are_not_told() -> None:
    decision = decided("image", shadow=(rule("qr_code", Evidence(box=(0, 0, 1, 1))),))
    assert sightings(decision, 0) == ()


def test_the_worst_moment_is_the_start_of_what_an_engine_is_most_sure_of() -> None:
    decision = decided(
        "video",
        rule("alcohol", Evidence(frame=(100, 900)), confidence=71.0),
        rule("violence", Evidence(frame=(5_000, 6_000)), Evidence(frame=(8_000, 9_000)), confidence=98.0),
        rule("text", Evidence(frame=(0, 50)), confidence=None),
    )
    assert worst_moment(sightings(decision, 0)) == 5_000
    assert worst_moment(()) is None
