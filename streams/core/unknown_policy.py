"""A version of a policy that nobody knows: what is said of content that was to be judged by it."""

from collections.abc import Sequence
from typing import Final

from streams.core.case import CaseOpened
from streams.core.decision import Decision, decision_id
from streams.core.finding import Answer, Report, answered
from streams.core.judge import summarised
from streams.core.moment import iso
from streams.core.policy import PolicyRef

UNKNOWN: Final = Answer("error", "unknown_policy")  # of an engine that was to inspect by it


def instead_of(ref: PolicyRef) -> str:
    """Return what a decision says that another version made."""
    return f"judged by the version in force: {ref.id} {ref.version}, under which the case was opened, is not known"


def unjudgeable(opened: CaseOpened, reports: Sequence[Report], now: int) -> Decision:
    """Return the decision on a case whose policy is gone: a person must look; `now` in milliseconds since 1970."""
    ordered = sorted(reports, key=lambda report: report.engine)
    return Decision(
        decision_id=decision_id(opened.content_id, 0),
        content_id=opened.content_id,
        kind=opened.kind,
        user_id=opened.user_id,
        revision=0,
        action="flag",
        labels=(),
        triggered=(),
        shadow=(),
        reports=summarised(
            [(report.engine, answered(report)) for report in ordered],
            [report.duration_ms for report in ordered],
            [report.engine_version for report in ordered],
        ),
        context=opened.context,
        policy=opened.policy,
        source="automatic",
        escalate=False,
        partial=True,
        reason=f"policy {opened.policy.id} {opened.policy.version} is not known: held for review",
        received_at=iso(opened.received_at),
        decided_at=iso(now),
        conversation_id=opened.conversation_id,
        tenant=opened.tenant,
        objects=opened.objects,
    )
