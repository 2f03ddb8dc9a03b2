"""Breadth: how much of harmless text a policy and each of its rules act on; what acts on much of it is too broad."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import structs

from streams.core.action import STRENGTH, Action
from streams.core.composite import ENGINE
from streams.core.engine import Engine, Text
from streams.core.facts import alone
from streams.core.finding import Answer
from streams.core.judgement import judgement_on
from streams.core.policy import Policy

# Share of harmless texts above which a rule is called over-broad, or a policy said to hold back too much.
BROAD: Final = 0.2
# From here on others do not see a content.
LEAST: Final[Action] = "bounce"


class Breadth(NamedTuple):
    """Shares of harmless texts, 0..1."""

    held: float  # that the policy holds back
    rules: dict[str, float]  # composite rules, in effect or in shadow -> texts of which they hold
    unsaid: dict[str, float]  # composite rules -> texts of which cannot be said whether they hold


def inspected(engines: Sequence[Engine], samples: Sequence[str]) -> dict[str, list[Answer]]:
    """Return what each text engine answers to the texts, each as the first of its conversation."""
    texts = [Text(sample) for sample in samples]
    return {engine.name: engine.inspect(texts) for engine in engines if engine.accepts == "text" and texts}


def breadth(engine: Engine, answers: Sequence[Answer]) -> dict[str, float]:
    """Return rule name -> share of the answers in which the engine found it, 0..1; nothing without answers."""
    if not answers:
        return {}
    counts = dict.fromkeys((rule.name for rule in engine.rules), 0)
    for answer in answers:
        for name in {finding.rule or finding.label for finding in answer.findings}:
            counts[name] = counts.get(name, 0) + 1
    return {name: count / len(answers) for name, count in counts.items()}


def whole(policy: Policy, answers: dict[str, list[Answer]], samples: Sequence[str]) -> Breadth:
    """Return what a policy does to texts of an unknown author, were it in effect; it is not asked of engines apart."""
    enforced = structs.replace(policy, mode="enforce")
    held, counts, unsaid = 0, Counter[str](), Counter[str]()
    for number, sample in enumerate(samples):
        said = [(engine, every[number]) for engine, every in answers.items()]
        judgement = judgement_on(enforced, alone(sample), said)
        held += STRENGTH[judgement.action] >= STRENGTH[LEAST]
        lines = (*judgement.triggered, *judgement.shadow)
        counts.update({line.rule for line in lines if line.engine == ENGINE})
        unsaid.update(judgement.unsaid)
    total = max(len(samples), 1)
    return Breadth(
        held / total,
        {rule: count / total for rule, count in counts.items()},
        {rule: count / total for rule, count in unsaid.items()},
    )
