"""What made rules trigger, in words: lines of a decision in, sentences with places, thresholds and reports out."""

from collections.abc import Iterator

from msgspec import Struct

from streams.core.decision import Decision, ReportSummary, Triggered
from streams.core.finding import Evidence
from streams.core.shown import named
from streams.web.view_words import band, counted, percent, words

MOST = 12  # places that are listed of one rule
LONG = 300  # characters of a sentence that came with a record


class RuleView(Struct, frozen=True):
    """A rule that triggered."""

    name: str
    label: str
    shadow: bool
    severity: str
    confidence: float | None
    band: str
    why: str
    leads: str
    evidence: tuple[str, ...]


class ReportView(Struct, frozen=True):
    """The report of an engine."""

    engine: str
    status: str
    mood: str
    reason: str
    found: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    duration: str  # milliseconds
    version: str


def rule_views(decision: Decision) -> tuple[RuleView, ...]:
    """Return the rules that triggered, enforced ones first."""
    enforced = [_rule(line, shadow=False) for line in decision.triggered]
    return (*enforced, *(_rule(line, shadow=True) for line in decision.shadow))


def report_views(decision: Decision) -> tuple[ReportView, ...]:
    """Return the reports of all engines that were asked, with what each found."""
    lines = (*decision.triggered, *decision.shadow)
    return tuple(_report(report, lines) for report in decision.reports)


def clock(ms: int) -> str:
    """Return a place in a video: `1:05.2`."""
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes}:{rest // 1000:02d}.{rest % 1000 // 100}"


def region(box: tuple[int, int, int, int]) -> str:
    """Return a part of a picture: left, top, right, bottom in pixels."""
    left, top, right, bottom = box
    return f"{right - left} by {bottom - top} pixels at {left}, {top}"


def _rule(line: Triggered, *, shadow: bool) -> RuleView:
    leads = f"leads to {words(line.action)}"
    if line.instead_of is not None:
        leads += f" instead of {words(line.instead_of)}: its breaker fell"
    if line.threshold is not None:
        leads += f", from {line.threshold:g} on"
    return RuleView(
        name=named(f"{line.engine}.{line.rule}"),
        label=named(line.label),
        shadow=shadow,
        severity=line.severity or "",
        confidence=line.confidence,
        band=band(line.confidence),
        why=named(line.why or "", LONG),
        leads=leads,
        evidence=tuple(_places(line.evidence)),
    )


def _places(evidence: tuple[Evidence, ...]) -> Iterator[str]:
    for one in evidence[:MOST]:
        parts = tuple(_place(one))
        if parts:
            yield ", ".join(parts)
    if len(evidence) > MOST:
        yield f"and {counted(len(evidence) - MOST, 'more place')}"


def _place(one: Evidence) -> Iterator[str]:
    if one.attachment is not None:
        yield f"attachment {one.attachment + 1}"
    if one.span is not None:
        yield f"characters {one.span[0] + 1} to {one.span[1]}"
    if one.box is not None:
        yield region(one.box)
    if one.frame is not None:
        start, end = one.frame
        yield clock(start) if start == end else f"{clock(start)} to {clock(end)}"
    if one.entity is not None:
        yield named(words(one.entity))
    if one.payload is not None:
        yield f"says {named(one.payload, LONG)}"
    if one.distance is not None:
        yield f"{one.distance} of 256 bits differ from a listed picture"
    elif one.hash is not None and one.entity is None:
        yield "the same as a listed one"
    if one.count is not None:
        yield f"{one.count} frames" if one.frame is not None else f"{one.count} within the window"


def _report(report: ReportSummary, lines: tuple[Triggered, ...]) -> ReportView:
    found = dict.fromkeys(_found(line) for line in lines if line.engine == report.engine)
    missing = report.not_evaluated or {}
    duration = "" if report.duration_ms is None else f"{report.duration_ms:.1f}"
    return ReportView(
        engine=named(report.engine),
        status=report.status,
        mood={"ok": "good", "error": "bad", "timeout": "bad"}.get(report.status, "waiting"),
        reason=named(words(report.reason or "")),
        found=tuple(found),
        not_evaluated=tuple(f"{words(named(label))}: {words(named(why))}" for label, why in missing.items()),
        duration=duration,
        version=named(report.version or "", 40),
    )


def _found(line: Triggered) -> str:
    score = line.severity or ("" if line.confidence is None else f"{percent(line.confidence)} %")
    return f"{words(named(line.label))} {score}".strip()
