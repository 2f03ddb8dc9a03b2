"""The judgement: what a policy makes of the answers of the engines and of what is known of the author.

The strongest enforced rule is the action; everything that triggered is listed. An engine that failed never means
`allow` unless the policy says that it may. Only an exemption lowers what a rule leads to.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from streams.core.action import STRENGTH, Action, strongest
from streams.core.composing import holding, late
from streams.core.composing import line as line_of
from streams.core.composite import ENGINE
from streams.core.decision import Triggered
from streams.core.exemption import Exempt
from streams.core.facts import Answers, Facts
from streams.core.finding import FAILED, NOTHING_FOUND, Finding
from streams.core.label import SEVERITY_RANK, Severity
from streams.core.matching import findings_of
from streams.core.policy import Policy
from streams.core.restricting import restriction_line
from streams.core.restriction import ENGINE as STANDING
from streams.core.rule import HOLDING, Rule
from streams.core.standing_rules import NO_RULES


class Judgement(msgspec.Struct, frozen=True, gc=False):
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
    grounds: tuple[str, ...] = ()  # labels of the lines that lead to the action
    unsaid: tuple[str, ...] = ()  # composite rules of which cannot be said whether they hold


NOTHING: Final = Judgement(
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


class _Missing(NamedTuple):
    """An engine without an answer."""

    engine: str
    why: str
    held: bool  # the policy does not let it pass


_Line = tuple[Triggered, bool]  # and whether its rule escalates


def judgement_on(policy: Policy, facts: Facts, answers: Answers) -> Judgement:
    """Return what the policy makes of the answers to a content; the same whenever it is asked."""
    for _, answer in answers:
        # Identity first: the common case. Scores alone, and what could not be judged, trigger nothing either.
        if answer is not NOTHING_FOUND and (answer.findings or answer.status in FAILED):
            enforced, shadow = _found(policy, answers)
            missing = list(_missing(policy, answers))
            break
    else:  # a loop is faster than `all` for so few
        if facts.standing is None and policy.composites is None:
            return NOTHING
        enforced, shadow, missing = [], [], []
    unsaid: tuple[str, ...] = ()
    if policy.composites is not None:
        enforced.sort(key=_weakness)  # what a rule without a label is called by
        lines = [line for line, _ in enforced]
        said = holding(policy.composites, facts, late(policy.composites, facts, answers, lines))
        if said:
            unsaid = tuple(name for name, holds in said if holds is None)
            rules = [policy.rules[ENGINE, name] for name, holds in said if holds]
            enforced += ((line_of(rule, lines), rule.escalate) for rule in rules if rule.mode == "enforce")
            shadow += (line_of(rule, lines) for rule in rules if rule.mode != "enforce")
            missing += _not_said(policy, unsaid)
        elif facts.standing is None and not (enforced or shadow or missing):
            return NOTHING
    if facts.standing is not None:
        restriction = restriction_line(facts, (policy.standing or NO_RULES).restricted)
        enforced += () if restriction is None else ((restriction, False),)
    if len(enforced) > 1:
        enforced.sort(key=_weakness)
    judgement = _enforced(policy, facts, enforced, missing, tuple(shadow), unsaid)
    return _without_effect(judgement) if policy.mode == "shadow" else judgement


def _found(policy: Policy, answers: Answers) -> tuple[list[_Line], list[Triggered]]:
    """Return the lines of enforced rules that engines triggered, and those of rules in shadow."""
    enforced: list[_Line] = []
    shadow: list[Triggered] = []
    for rule, finding in findings_of(policy, answers):
        if rule.mode == "enforce":
            enforced.append((_triggered(rule, finding), rule.escalate))
        else:
            shadow.append(_triggered(rule, finding))
    return enforced, shadow


def _weakness(line: _Line) -> int:
    return -STRENGTH[line[0].action]


def _enforced(
    policy: Policy,
    facts: Facts,
    lines: Sequence[_Line],
    missing: Sequence[_Missing],
    shadow: tuple[Triggered, ...],
    unsaid: tuple[str, ...],
) -> Judgement:
    """Return what enforced lines come to, the strongest first."""
    exempting = [exempt for exempt in policy.exempt if exempt.holds(facts)] if policy.exempt else []
    acting = [line for line in lines if not _lifted(line[0], exempting)] if exempting else lines
    wanted = bool(missing) and any(each.held for each in missing)
    held = wanted and not any(exempt.whole for exempt in exempting)
    action, escalate = _action(policy, acting, held=held), any(up for _, up in acting)
    reason = _reason([line for line, _ in acting], missing, held=held)
    if exempting and (action, escalate) != (_action(policy, lines, held=wanted), any(up for _, up in lines)):
        exempt = f"exempt: {exempting[0]}"
        reason = exempt if action == "allow" and not escalate else f"{exempt}; {reason}"
    triggered = tuple([line for line, _ in lines])
    return Judgement(
        action,
        triggered,
        shadow,
        tuple(dict.fromkeys([line.label for line in triggered])),
        _highest(triggered),
        max([c for line in triggered if (c := line.confidence) is not None], default=None),
        escalate,
        bool(missing),
        reason,
        tuple(dict.fromkeys([line.label for line, _ in acting if line.action == action])),
        unsaid,
    )


def _action(policy: Policy, acting: Iterable[_Line], *, held: bool) -> Action:
    action = strongest([line.action for line, _ in acting] + ([policy.failure_action] if held else []))
    return "mask_flag" if held and action == "mask" else action  # nobody reviews `mask`


def _lifted(line: Triggered, exempting: Sequence[Exempt]) -> bool:
    """Say whether an exemption lifts a line; a restriction of the user ends by time or release, and by nothing else."""
    return line.engine != STANDING and any(exempt.lifts(line.label) for exempt in exempting)


def _without_effect(judgement: Judgement) -> Judgement:
    """Return the judgement of a policy in shadow mode: what would be enforced is listed and nothing else."""
    lines = (*(structs.replace(line, mode="shadow") for line in judgement.triggered), *judgement.shadow)
    reason = f"the policy is in shadow mode: {judgement.reason}" if lines or judgement.partial else judgement.reason
    return structs.replace(NOTHING, shadow=lines, partial=judgement.partial, reason=reason, unsaid=judgement.unsaid)


def _missing(policy: Policy, answers: Answers) -> Iterable[_Missing]:
    for engine, answer in answers:
        if answer.status in FAILED:
            closed = policy.failure.get(engine, "closed") == "closed"
            yield _Missing(engine, answer.reason or answer.status, closed)


def _not_said(policy: Policy, unsaid: Iterable[str]) -> Iterable[_Missing]:
    """Yield the composite rules together as an engine without an answer, where an enforced one could hold content."""
    rules = (policy.rules[ENGINE, name] for name in unsaid)
    names = [rule.name for rule in rules if rule.mode == "enforce" and rule.action in HOLDING]
    if names:
        yield _Missing(ENGINE, f"{', '.join(names)} cannot be said", policy.failure.get(ENGINE, "closed") == "closed")


def _highest(lines: Sequence[Triggered]) -> Severity | None:
    found = [line.severity for line in lines if line.severity is not None]
    return max(found, key=SEVERITY_RANK.__getitem__, default=None)


def _triggered(rule: Rule, finding: Finding) -> Triggered:
    return Triggered(  # in the order of the class: by name, they cost several times as much
        rule.name,
        rule.mode,
        rule.engine,
        finding.label,
        rule.action,
        finding.severity or rule.severity,
        finding.confidence,
        finding.threshold if finding.threshold is not None else rule.threshold,
        rule.why,
        finding.evidence,
        rule.instead_of,
    )


def _reason(acting: Sequence[Triggered], missing: Sequence[_Missing], *, held: bool) -> str:
    parts = []
    if acting:
        first = acting[0]
        others = f" and {len(acting) - 1} more" if len(acting) > 1 else ""
        why = f": {first.why}" if first.why else ""
        parts.append(f"{first.engine} rule {first.rule} found {first.label}{others}{why}")
    for each in missing:
        then = "held for review" if each.held and held else "the policy lets it pass"
        parts.append(f"{each.engine} did not answer ({each.why}): {then}")
    return "; ".join(parts) or "nothing found"
