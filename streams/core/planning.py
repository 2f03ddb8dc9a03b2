"""Planning: a decision and its policy's effects in, what executors are to do about it out."""

from collections.abc import Iterable, Sequence
from typing import Final

from streams.core.decision import Decision
from streams.core.effect import Effect
from streams.core.effect_config import UNDO, EffectPlan
from streams.core.effects_config import COPIES, copies_of
from streams.core.label import SEVERITY_RANK
from streams.core.work import STORED_STRENGTH

BELOW_ALL: Final = -1  # the rank of no severity


def planned(decision: Decision, plans: Sequence[EffectPlan], at: int) -> list[Effect]:
    """Return what is to be done about a decision; `at` in milliseconds since 1970.

    Of several works on stored objects the strongest is done. A newer revision that none of them takes puts back what
    an older one did.
    """
    taken = [plan for plan in plans if takes(plan, decision)]
    stored = _stored(decision, plans, [plan for plan in taken if plan.sink == "s3"])
    others = [plan for plan in taken if plan.sink != "s3"]
    return [
        Effect(
            content_id=decision.content_id,
            sink=plan.sink,
            name=plan.name,
            work=plan.work,
            decision=decision,
            target=dict(plan.target),
            at=at,
        )
        for plan in (*stored, *others)
    ]


def takes(plan: EffectPlan, decision: Decision) -> bool:
    """Say whether an effect follows a decision: for its action; beside stored objects also for the one before it.

    An object lies where the newest action wants it. Who was told of a decision hears what became of it.
    """
    rank = BELOW_ALL if decision.severity is None else SEVERITY_RANK[decision.severity]
    before = None if plan.sink == "s3" else decision.previous_action
    return (
        (decision.action in plan.actions or before in plan.actions)
        and (plan.kinds is None or decision.kind in plan.kinds)
        and (plan.escalated is None or decision.escalate == plan.escalated)
        and (plan.min_severity is None or rank >= SEVERITY_RANK[plan.min_severity])
        and (plan.labels is None or not plan.labels.isdisjoint(decision.labels))
    )


def _stored(decision: Decision, plans: Sequence[EffectPlan], taken: Iterable[EffectPlan]) -> list[EffectPlan]:
    if not any(judged.location.bucket is not None for judged in decision.objects):
        return []
    strongest = max(taken, key=lambda plan: STORED_STRENGTH[plan.work], default=None)
    if strongest is not None:
        return [strongest]
    if decision.revision == 0 or all(plan.sink != "s3" or plan.work == "keep" for plan in plans):
        return []
    target = {COPIES: copies} if (copies := copies_of(plans)) else {}
    return [EffectPlan(name=UNDO, sink="s3", work="keep", target=target, actions=frozenset())]
