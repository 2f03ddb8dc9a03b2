"""Breadth: how much of harmless text each rule of an engine matches; a rule that matches much of it is too broad."""

from collections.abc import Sequence
from typing import Final

from streams.core.engine import Engine, Text

# Share of harmless texts above which a rule is called over-broad.
BROAD: Final = 0.2


def breadth(engine: Engine, samples: Sequence[str]) -> dict[str, float]:
    """Return rule name -> share of the sample texts in which the engine finds it, 0..1; media engines have none."""
    if engine.accepts != "text" or not samples:
        return {}
    counts = dict.fromkeys((rule.name for rule in engine.rules), 0)
    for answer in engine.inspect([Text(sample) for sample in samples]):
        for name in {finding.rule or finding.label for finding in answer.findings}:
            counts[name] = counts.get(name, 0) + 1
    return {name: count / len(samples) for name, count in counts.items()}
