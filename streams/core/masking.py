"""Masking: a text, and what was found in it, in; the text as others see it if the decision masks out.

A rule whose breaker fell counts as before: what it found is hidden where others make the decision mask.
"""

from collections.abc import Sequence

from streams.core.case import CaseOpened
from streams.core.facts import Answers
from streams.core.finding import Answer, Report
from streams.core.matching import findings_of
from streams.core.policy import Policy
from streams.core.span import MASK, Span, masked


def masked_text(policy: Policy, answers: Answers, text: str) -> str | None:
    """Return the text with every span masked that an enforced masking rule found, and every span of `pii`.

    The whole text where such a rule found something and cannot say where. None when no enforced rule masks.
    """
    return masked(text, spans_of(policy, answers, len(text))) if masks(policy, answers) else None


def masks(policy: Policy, answers: Answers) -> bool:
    """Say whether an enforced rule masks what was found."""
    return any(rule.masks for rule, _ in findings_of(policy, answers))


def spans_of(policy: Policy, answers: Answers, length: int) -> list[Span]:
    """Return what is to be masked in a text of this length if the decision masks, whoever makes it mask."""
    spans: list[Span] = []
    for rule, finding in findings_of(policy, answers):
        masking = rule.masks
        if masking or finding.label == "pii":
            places = [evidence.span for evidence in finding.evidence if evidence.span is not None]
            spans += places or ([(0, length)] if masking else [])
    return spans


def masked_case(policy: Policy, opened: CaseOpened, reports: Sequence[Report]) -> str | None:
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
