"""Composing: what engines found and what is known beside in; which composite rules hold, and their lines, out."""

from collections.abc import Iterable, Sequence
from typing import Final

from streams.core.composite import ENGINE, Composites
from streams.core.condition import Late, late_of
from streams.core.decision import Decision, ReportSummary, Triggered
from streams.core.exemption import strikes
from streams.core.facts import Answers, Facts
from streams.core.policy import Policy
from streams.core.restriction import restriction_at
from streams.core.rule import Rule

UNSAID: Final = "cannot_be_said"
NOTHING_KNOWN: Final = Late()


def early_of(policy: Policy, facts: Facts) -> tuple[str, ...]:
    """Return what the early parts of the policy's conditions come to, as a case takes it to the judge."""
    if policy.composites is None or facts.inputs is None:
        return facts.early
    return policy.composites.conditions.early_of(facts.inputs)


def late(composites: Composites, facts: Facts, answers: Answers, enforced: Sequence[Triggered]) -> Late:
    """Return what conditions read at the judge; `enforced` are the lines that engines triggered."""
    needs = composites.conditions.needs
    standing = facts.standing
    if not enforced and standing is None and "scores" not in needs:
        return NOTHING_KNOWN
    restricted = standing is not None and restriction_at(standing, facts.received_at) is not None
    return late_of(enforced, answers, needs, strikes=strikes(facts), restricted=restricted)


def holding(composites: Composites, facts: Facts, known: Late) -> list[tuple[str, bool | None]]:
    """Return the names of the rules whose conditions hold, and with None of those where that cannot be said."""
    conditions, early = composites.conditions, facts.inputs
    found = conditions.holding(known, facts.early) if early is None else conditions.holding_at_once(known, early)
    return [(name, holds) for name, holds in zip(composites.names, found, strict=True) if holds is not False]


def line(rule: Rule, enforced: Sequence[Triggered]) -> Triggered:
    """Return the line of a rule whose condition holds."""
    return Triggered(  # in the order of the class: by name, they cost several times as much
        rule.name,
        rule.mode,
        rule.engine,
        rule.label or (enforced[0].label if enforced else rule.name),
        rule.action,
        rule.severity,
        None,  # confidence
        None,  # threshold
        rule.why,
        (),  # evidence: that of the findings it reads stands in their own lines
        rule.instead_of,
    )


def summary(unsaid: Iterable[str], *, failed: bool) -> ReportSummary:
    """Return the rules that cannot be said as a decision names them: as an engine that answered for the others only."""
    return ReportSummary(
        ENGINE, "error" if failed else "not_evaluated", UNSAID, not_evaluated=dict.fromkeys(unsaid, UNSAID)
    )


def unsaid(decision: Decision) -> Iterable[str]:
    """Return the composite rules of which could not be said whether they hold of a content."""
    last = decision.reports[-1] if decision.reports else None
    return last.not_evaluated or () if last is not None and last.engine == ENGINE else ()
