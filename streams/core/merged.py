"""Answers to the objects of one content in, one answer out: the worst status, all findings, the highest scores."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from streams.core.finding import Answer, Evidence, Finding, Status

# Characters of payloads in one report: a record on `findings` must stay below the largest one that is read.
MOST_PAYLOAD: Final = 16_384
# Which status speaks for several objects: a failure first, because the policy must hear of it.
WORST_FIRST: Final[tuple[Status, ...]] = ("error", "timeout", "not_evaluated", "skipped", "ok")
NO_OBJECTS: Final = Answer("not_evaluated", "no_objects")


def merged(answers: Sequence[Answer], *, numbered: bool) -> Answer:
    """Return the answers to the objects of one content, in their order, as one.

    Where they are `numbered`, the evidence of each finding says in which object it was seen.
    """
    if not answers:
        return NO_OBJECTS
    worst = min(answers, key=lambda answer: WORST_FIRST.index(answer.status))
    scores: dict[str, float] = {}
    findings: list[Finding] = []
    not_evaluated: dict[str, str] = {}
    for number, answer in enumerate(answers):
        for label, score in (answer.scores or {}).items():
            scores[label] = max(score, scores.get(label, 0.0))
        not_evaluated |= answer.not_evaluated or {}
        findings += [_numbered(finding, number) for finding in answer.findings] if numbered else answer.findings
    return Answer(worst.status, worst.reason, _capped(findings), scores or None, not_evaluated or None)


def _numbered(finding: Finding, attachment: int) -> Finding:
    """Return a finding whose evidence says in which object it was seen."""
    evidence = finding.evidence or (Evidence(),)
    return msgspec.structs.replace(
        finding, evidence=tuple(msgspec.structs.replace(one, attachment=attachment) for one in evidence)
    )


def _capped(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings with no more payload than a report may hold; the places stay."""
    room = MOST_PAYLOAD
    capped = []
    for finding in findings:
        evidence = []
        for one in finding.evidence:
            kept: dict[str, Any] = {} if one.payload is None else {"payload": one.payload[:room] or None}
            room -= len(kept.get("payload") or "")
            evidence.append(msgspec.structs.replace(one, **kept))
        capped.append(msgspec.structs.replace(finding, evidence=tuple(evidence)))
    return tuple(capped)
