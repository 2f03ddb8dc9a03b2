"""One condition of a composite rule: its source in, checked and split in two; refused with all that is wrong."""

from collections.abc import Set as AbstractSet

import msgspec

from streams.core.condition import limits
from streams.core.condition.check import checked
from streams.core.condition.early import Split, Stays, split
from streams.core.condition.fault import ConditionErrors, Fault, Stopped
from streams.core.condition.parse import parsed
from streams.core.condition.tree import Node


class Condition(msgspec.Struct, frozen=True):
    """A checked condition."""

    source: str
    tree: Node
    split: Split
    needs: frozenset[str]  # what it reads: `text`, `context`, `user.role`, and of each its group, as `user`
    marks: int  # texts of a conversation that must be remembered for its counters; 0 where it reads none


def compiled(source: str, labels: AbstractSet[str]) -> Condition:
    """Return a condition; raise ConditionErrors with one line for each thing that is wrong.

    `labels` are all that the policy can find: `core/label.LABELS` and its own.
    """
    try:
        tree = checked(source, parsed(source), labels)
        parts = split(tree)
    except Stopped as stopped:
        raise ConditionErrors(source, [stopped.fault]) from None
    except Stays as stays:
        what = f"{stays}: the judge has none of it: compare it apart from what it alone knows, such as labels"
        raise ConditionErrors(source, [Fault(0, what)]) from None
    groups = {name.split(".")[0] for name in tree.inputs}
    return Condition(source, tree, parts, tree.inputs | groups, _marks(tree) if "counts" in groups else 0)


def _marks(tree: Node) -> int:
    """Return how many texts the counters of a condition must be able to count."""
    most = limits.KEPT
    if tree.op == "compare" and any(arg.op == "input" and arg.value.startswith("counts.") for arg in tree.args):
        wanted = [arg.value + 1 for arg in tree.args if arg.op == "literal" and isinstance(arg.value, int)]
        most = max([most, *wanted])
    return min(limits.MARKS, max([most, *map(_marks, tree.args)]))
