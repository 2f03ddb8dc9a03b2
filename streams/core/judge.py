"""The judge: what the engines answered of a content, held against its policy; one explained decision out."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from msgspec import structs

from streams.core.action import MASKING
from streams.core.case import CaseOpened
from streams.core.composing import summary
from streams.core.decision import Decision, ReportSummary, decision_id
from streams.core.facts import Answers, Facts
from streams.core.finding import Report, answered
from streams.core.judged_object import as_read
from streams.core.judgement import judgement_on
from streams.core.masking import masked_case
from streams.core.moment import iso
from streams.core.notices import BOUNCING, notice
from streams.core.policy import Policy
from streams.core.restriction import Standing

Judge = Callable[[Policy, Facts, Answers, tuple[ReportSummary, ...], int], Decision]


def judged(policy: Policy, facts: Facts, answers: Answers, reports: tuple[ReportSummary, ...], now: int) -> Decision:
    """Return the automatic decision on a content; `now` in milliseconds since 1970."""
    judgement = judgement_on(policy, facts, answers)
    if judgement.unsaid:
        reports = (*reports, summary(judgement.unsaid, failed=judgement.partial))
    action, masked, said = judgement.action, None, None
    if action != "allow":
        # The standing of the author may soften what hides all to what hides a part; else it drops the text.
        masked = facts.masked_text if policy.via_standing or action in MASKING else None
        said = notice(policy.notices, action, judgement.grounds)
    # In the order of the class: by name, they cost five times as much.
    return Decision(
        decision_id(facts.content_id, 0),
        facts.content_id,
        facts.kind,
        facts.user_id,
        0,  # revision
        action,
        judgement.labels,
        judgement.triggered,
        judgement.shadow,
        reports,
        facts.context,
        policy.ref,
        "automatic",
        judgement.escalate,
        judgement.partial,
        judgement.reason,
        iso(facts.received_at),
        iso(now),
        facts.conversation_id,
        facts.tenant,
        None,  # previous action
        masked,
        judgement.severity,
        judgement.confidence,
        None,  # ruling
        facts.objects,
        said,
        action in BOUNCING,
    )


def summarised(answers: Answers, durations: Sequence[float], versions: Sequence[str]) -> tuple[ReportSummary, ...]:
    """Return the answers as a decision names them; durations in milliseconds."""
    return tuple(
        ReportSummary(engine, answer.status, answer.reason, duration, version, answer.not_evaluated)
        for (engine, answer), duration, version in zip(answers, durations, versions, strict=True)
    )


def judged_case(
    policy: Policy,
    opened: CaseOpened,
    reports: Sequence[Report],
    judge: Judge,
    now: int,
    *,
    standing: Standing | None = None,
) -> Decision:
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
        masked_text=masked_case(policy, opened, ordered),
        objects=as_read(opened.objects, (each for report in ordered for each in report.objects)),
        early=opened.early,
        trusted=opened.trusted,
        user_created_at=opened.user_created_at,
        resubmits=opened.resubmits,
        previous=opened.previous,
        standing=standing,
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
