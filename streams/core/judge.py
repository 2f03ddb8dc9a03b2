"""The judge: what the engines answered, held against the policy; one explained verdict out.

The strongest enforced rule is the action; everything that triggered is listed. An engine that failed never means
`allow` unless the policy says that it may.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
from msgspec import structs

from streams.core.action import MASKING, STRENGTH, Action, strongest
from streams.core.case import CaseOpened
from streams.core.decision import Decision, ReportSummary, Triggered, decision_id
from streams.core.finding import FAILED, NOTHING_FOUND, Answer, Finding, Report, answered
from streams.core.judged_object import JudgedObject
from streams.core.label import SEVERITY_RANK, Kind, Severity
from streams.core.moment import iso
from streams.core.policy import Policy
from streams.core.rule import Rule
from streams.core.span import MASK, Span, masked

Answers = Sequence[tuple[str, Answer]]  # (engine, what it answered), each engine once


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What the judge must know of a content, beside the answers."""

    content_id: str
    kind: Kind
    user_id: str
    received_at: int  # milliseconds since 1970
    role: str | None = None
    conversation_id: str | None = None
    tenant: str | None = None
    context: tuple[str, ...] = ()  # content ids of the last ten messages, oldest first
    masked_text: str | None = None  # what others see if the action masks
    objects: tuple[JudgedObject, ...] = ()  # as announced
    early: tuple[str, ...] = ()  # as in CaseOpened
    trusted: bool | None = None  # the platform's word on the user
    user_created_at: int | None = None  # milliseconds since 1970
    resubmits: str | None = None  # content id
    previous: str | None = None  # as in CaseOpened


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What the policy makes of the answers."""

    action: Action
    triggered: tuple[Triggered, ...]
    shadow: tuple[Triggered, ...]
    labels: tuple[str, ...]
    severity: Severity | None
    confidence: float | None
    escalate: bool
    partial: bool
    reason: str


NOTHING: Final = Verdict(
    action="allow",
    triggered=(),
    shadow=(),
    labels=(),
    severity=None,
    confidence=None,
    escalate=False,
    partial=False,
    reason="nothing found",
)

Judge = Callable[[Policy, Facts, Answers, tuple[ReportSummary, ...], int], Decision]


def judged(policy: Policy, facts: Facts, answers: Answers, reports: tuple[ReportSummary, ...], now: int) -> Decision:
    """Return the automatic decision on a content; `now` in milliseconds since 1970."""
    verdict = verdict_on(policy, facts.role, answers)
    # The fields that are always written, in the order of the class: by name, they cost five times as much.
    return Decision(
        decision_id(facts.content_id, 0),
        facts.content_id,
        facts.kind,
        facts.user_id,
        0,  # revision
        verdict.action,
        verdict.labels,
        verdict.triggered,
        verdict.shadow,
        reports,
        facts.context,
        policy.ref,
        "automatic",
        verdict.escalate,
        verdict.partial,
        verdict.reason,
        iso(facts.received_at),
        iso(now),
        conversation_id=facts.conversation_id,
        tenant=facts.tenant,
        masked_text=facts.masked_text if verdict.action in MASKING else None,
        severity=verdict.severity,
        confidence=verdict.confidence,
    )


def verdict_on(policy: Policy, role: str | None, answers: Answers) -> Verdict:
    """Return what the policy makes of the answers to content of a user with this role."""
    for _, answer in answers:
        # Identity first: the common case. Scores alone, and what could not be judged, trigger nothing either.
        if answer is not NOTHING_FOUND and (answer.findings or answer.status in FAILED):
            break
    else:  # a loop is faster than `all` for so few
        return NOTHING
    enforced: list[Triggered] = []
    shadow: list[Triggered] = []
    escalate = False
    for rule, finding in findings_of(policy, answers):
        (enforced if rule.mode == "enforce" else shadow).append(_triggered(rule, finding))
        escalate = escalate or (rule.escalate and rule.mode == "enforce")
    enforced.sort(key=lambda line: -STRENGTH[line.action])
    failed = [(engine, answer) for engine, answer in answers if answer.status in FAILED]
    held = [engine for engine, _ in failed if policy.failure.get(engine, "closed") == "closed"]
    action = strongest([line.action for line in enforced] + ([policy.failure_action] if held else []))
    if held and action == "mask":  # which nobody reviews
        action = "mask_flag"
    exempt = role is not None and role in policy.exempt_roles and (action != "allow" or escalate)
    return Verdict(
        action="allow" if exempt else action,
        triggered=tuple(enforced),
        shadow=tuple(shadow),
        labels=tuple(dict.fromkeys(line.label for line in enforced)),
        severity=_highest(enforced),
        confidence=max((c for line in enforced if (c := line.confidence) is not None), default=None),
        escalate=escalate and not exempt,
        partial=bool(failed),
        reason=f"exempt: role {role}" if exempt else _reason(enforced, failed, held),
    )


def findings_of(policy: Policy, answers: Answers) -> Iterable[tuple[Rule, Finding]]:
    """Yield each finding with the rule of the policy that it triggers; findings that no rule asks for are left out."""
    for engine, answer in answers:
        for finding in answer.findings:
            rule = policy.rules.get((engine, finding.rule or finding.label))
            if rule is not None:
                yield rule, finding


def masked_text(policy: Policy, answers: Answers, text: str) -> str | None:
    """Return the text with every span masked that an enforced masking rule found, and every span of `pii`.

    The whole text where such a rule found something and cannot say where. None when no enforced rule masks.
    """
    return masked(text, spans_of(policy, answers, len(text))) if masks(policy, answers) else None


def masks(policy: Policy, answers: Answers) -> bool:
    """Say whether an enforced rule masks what was found."""
    return any(rule.mode == "enforce" and rule.action in MASKING for rule, _ in findings_of(policy, answers))


def spans_of(policy: Policy, answers: Answers, length: int) -> list[Span]:
    """Return what is to be masked in a text of this length if the decision masks, whoever makes it mask."""
    spans: list[Span] = []
    for rule, finding in findings_of(policy, answers):
        masking = rule.mode == "enforce" and rule.action in MASKING
        if masking or finding.label == "pii":
            places = [evidence.span for evidence in finding.evidence if evidence.span is not None]
            spans += places or ([(0, length)] if masking else [])
    return spans


def summarised(answers: Answers, durations: Sequence[float], versions: Sequence[str]) -> tuple[ReportSummary, ...]:
    """Return the answers as a decision names them; durations in milliseconds."""
    return tuple(
        ReportSummary(engine, answer.status, answer.reason, duration, version, answer.not_evaluated)
        for (engine, answer), duration, version in zip(answers, durations, versions, strict=True)
    )


def judged_case(policy: Policy, opened: CaseOpened, reports: Sequence[Report], judge: Judge, now: int) -> Decision:
    """Return the decision on a case all of whose reports are there, the missing ones as `timeout`."""
    ordered = sorted(reports, key=lambda report: report.engine)  # the same answer whatever came first
    media = [engine for engine in opened.required if engine not in policy.apart_engines]
    answers = _left_open([(report.engine, answered(report)) for report in ordered], media)
    facts = Facts(
        content_id=opened.content_id,
        kind=opened.kind,
        user_id=opened.user_id,
        received_at=opened.received_at,
        role=opened.role,
        conversation_id=opened.conversation_id,
        tenant=opened.tenant,
        context=opened.context,
        masked_text=_masked_case(policy, opened, ordered),
    )
    summaries = summarised(answers, [r.duration_ms for r in ordered], [r.engine_version for r in ordered])
    return judge(policy, facts, answers, summaries, now)


def _left_open(answers: Answers, media: Sequence[str]) -> Answers:
    """Return the answers without `not_evaluated` labels for which another of the media engines did look."""
    if not any(answer.not_evaluated for _, answer in answers):
        return answers
    evaluated = {label for engine, answer in answers if engine in media for label in answer.scores or ()}
    return [
        (engine, structs.replace(answer, not_evaluated=_without(answer.not_evaluated, evaluated)))
        for engine, answer in answers
    ]


def _without(labels: dict[str, str] | None, evaluated: AbstractSet[str]) -> dict[str, str] | None:
    return {label: why for label, why in (labels or {}).items() if label not in evaluated} or None


def _masked_case(policy: Policy, opened: CaseOpened, reports: Sequence[Report]) -> str | None:
    """Return the text of a case as others see it if the decision masks; the join has no text of its own.

    Each report masks what the inline engines found and what its engine found: where two differ, none masks both, and
    the whole text is hidden; so it is where an engine makes the decision mask and did not say how.
    """
    texts = {report.masked_text for report in reports if report.masked_text is not None}
    unsaid = any(
        report.masked_text is None
        and report.engine in policy.apart_engines
        and masks(policy, [(report.engine, Answer(findings=report.findings))])
        for report in reports
    )
    if unsaid or len(texts) > 1:
        return MASK
    return texts.pop() if texts else opened.masked_text


def _highest(lines: Sequence[Triggered]) -> Severity | None:
    found = [line.severity for line in lines if line.severity is not None]
    return max(found, key=SEVERITY_RANK.__getitem__, default=None)


def _triggered(rule: Rule, finding: Finding) -> Triggered:
    return Triggered(
        rule=rule.name,
        mode=rule.mode,
        engine=rule.engine,
        label=finding.label,
        action=rule.action,
        severity=finding.severity or rule.severity,
        confidence=finding.confidence,
        threshold=finding.threshold if finding.threshold is not None else rule.threshold,
        why=rule.why,
        evidence=finding.evidence,
        instead_of=rule.instead_of,
    )


def _reason(enforced: Sequence[Triggered], failed: Answers, held: Sequence[str]) -> str:
    parts = []
    if enforced:
        first = enforced[0]
        others = f" and {len(enforced) - 1} more" if len(enforced) > 1 else ""
        why = f": {first.why}" if first.why else ""
        parts.append(f"{first.engine} rule {first.rule} found {first.label}{others}{why}")
    for engine, answer in failed:
        then = "held for review" if engine in held else "the policy lets it pass"
        parts.append(f"{engine} did not answer ({answer.reason or answer.status}): {then}")
    return "; ".join(parts) or "nothing found"
