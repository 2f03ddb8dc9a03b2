"""Composite rules of a policy file: sections in, compiled conditions out, or what is wrong with each of them."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from streams.core.composite import CompositeConfig, Composites
from streams.core.condition import Condition, ConditionErrors, Conditions, compiled


def composed(rules: Sequence[CompositeConfig], labels: AbstractSet[str], errors: list[str]) -> Composites | None:
    """Return the rules compiled, None without any; `labels` are all that the engines of the policy can find.

    What is wrong is added to the errors as `rules[0] name: key: what is wrong`.
    """
    conditions: list[Condition] = []
    for index, rule in enumerate(rules):
        try:
            conditions.append(compiled(rule.when, labels))
        except ConditionErrors as error:
            errors += (f"rules[{index}] {rule.name}: when: {line}" for line in error.lines)
    for name, times in Counter(rule.name for rule in rules).items():
        if times > 1:
            errors.append(f"rules: {name}: name: occurs {times} times: names are unique among the rules")
    if not rules or len(conditions) < len(rules):
        return None
    return Composites(tuple(rule.name for rule in rules), Conditions(conditions))


class AnyLabel(frozenset[str]):
    """Stands for the labels of engines that do not hold: which they find, nobody can say."""

    def __contains__(self, _: object) -> bool:
        """Say that a label may be found."""
        return True
