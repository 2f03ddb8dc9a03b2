"""Where in a picture or video something was found: a decision and the number of an object in, spans and boxes out."""

import msgspec

from streams.core.content import Count
from streams.core.decision import Decision, Triggered
from streams.core.finding import Evidence, Pixel
from streams.core.label import TEXT_KINDS, Severity


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """One place that made an enforced rule trigger: a stretch of a video, or a part of a picture."""

    label: str
    engine: str
    rule: str
    severity: Severity | None
    confidence: float | None  # 0..100
    frame: tuple[Count, Count] | None  # [start, end] in milliseconds
    box: tuple[Pixel, Pixel, Pixel, Pixel] | None  # left, top, right, bottom in pixels of the upright original


def sightings(decision: Decision, number: int) -> tuple[Sighting, ...]:
    """Return where something was found in the object of that number, each place of a rule once, in the rules' order."""
    found = (
        _sighting(rule, evidence)
        for rule in decision.triggered
        for evidence in rule.evidence
        if (evidence.frame is not None or evidence.box is not None) and _is_of(decision, evidence, number)
    )
    return tuple(dict.fromkeys(found))


def worst_moment(found: tuple[Sighting, ...]) -> int | None:
    """Return when in a video, in milliseconds, that begins which an engine is most sure of; None for no video."""
    spans = [each for each in found if each.frame is not None]
    worst = max(spans, key=lambda each: each.confidence or 0.0, default=None)
    return None if worst is None or worst.frame is None else worst.frame[0]


def _is_of(decision: Decision, evidence: Evidence, number: int) -> bool:
    if evidence.attachment is not None:
        return evidence.attachment == number
    # Of a text, what names no attachment is of the text; a picture or video is the only object of its content.
    return decision.kind not in TEXT_KINDS and number == 0


def _sighting(rule: Triggered, evidence: Evidence) -> Sighting:
    return Sighting(rule.label, rule.engine, rule.rule, rule.severity, rule.confidence, evidence.frame, evidence.box)
