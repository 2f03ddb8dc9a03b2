"""What the answers mean to a policy: answers in, each finding with the rule that it triggers out."""

from collections.abc import Iterable

from streams.core.facts import Answers
from streams.core.finding import Finding
from streams.core.policy import Policy
from streams.core.rule import Rule


def findings_of(policy: Policy, answers: Answers) -> Iterable[tuple[Rule, Finding]]:
    """Yield each finding with the rule of the policy that it triggers; findings that no rule asks for are left out."""
    for engine, answer in answers:
        for finding in answer.findings:
            rule = policy.rules.get((engine, finding.rule or finding.label))
            if rule is not None:
                yield rule, finding
