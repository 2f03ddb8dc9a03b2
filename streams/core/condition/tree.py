"""A checked condition as a tree: every node with its type, when it is known, and whether it can fail."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

Path = tuple[str, ...]  # ("user", "role"), ("loop0", "action"): what may be null and can be guarded
Facts = frozenset[Path]  # what is known not to be null
NO_FACTS: Final[Facts] = frozenset()

# When a value is known: always, where the text is, or not before the engines have answered.
CONSTANT: Final = 0
EARLY: Final = 1
LATE: Final = 2


class Type(NamedTuple):
    """What a value can be; `nullable` where it may also be null."""

    name: str  # bool, int, double, string, null, dyn, list, map, labels, finding, message, or wrong
    item: "Type | None" = None  # of a list or map
    nullable: bool = False

    def __str__(self) -> str:
        """Return it as messages say it."""
        if self.name == "dyn":
            return "a custom value"
        said = f"{self.name} of {self.item}" if self.item is not None else self.name
        return f"{said} or null" if self.nullable else said

    def sure(self) -> "Type":
        """Return it without null."""
        return self._replace(nullable=False)


BOOL: Final = Type("bool")
INT: Final = Type("int")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
NULL: Final = Type("null", nullable=True)
DYN: Final = Type("dyn", nullable=True)
WRONG: Final = Type("wrong")
NUMBERS: Final = frozenset({"int", "double"})
SCALARS: Final = frozenset({"bool", "int", "double", "string", "null"})


class Node(msgspec.Struct, frozen=True):
    """One operation; equal nodes have equal values for the same content."""

    op: str
    type: Type
    args: tuple["Node", ...] = ()
    value: Any = None  # the literal, or the name of input, loop variable, field, key, function or pattern
    stage: int = CONSTANT
    fails: bool = False  # it may have no value at run time
    cost: int = 1  # steps at most
    inputs: frozenset[str] = frozenset()  # names of variables that are read
    loops: frozenset[str] = frozenset()  # loop variables that are read and belong to a comprehension around it
    used: Facts = NO_FACTS  # what a guard around it must say, or it fails
    when_true: Facts = NO_FACTS  # what is known where it is true
    when_false: Facts = NO_FACTS


WRONGED: Final = Node("wrong", WRONG)


def node(  # noqa: PLR0913 - the fields of a Node
    op: str,
    kind: Type,
    args: Iterable[Node] = (),
    value: Any = None,
    *,
    fails: bool = False,
    cost: int = 1,
    used: Facts = NO_FACTS,
    when_true: Facts = NO_FACTS,
    when_false: Facts = NO_FACTS,
) -> Node:
    """Return a node that evaluates all of its operands; `fails`, `cost` and `used` are its own share."""
    parts = tuple(args)
    return Node(
        op,
        kind,
        parts,
        value,
        stage=max((part.stage for part in parts), default=CONSTANT),
        fails=fails or any(part.fails for part in parts),
        cost=cost + sum(part.cost for part in parts),
        inputs=frozenset().union(*(part.inputs for part in parts)),
        loops=frozenset().union(*(part.loops for part in parts)),
        used=used.union(*(part.used for part in parts)),
        when_true=when_true,
        when_false=when_false,
    )


def chain(op: str, args: Iterable[Node]) -> Node:
    """Return `and` or `or` of operands, those of inner ones of the same kind among them, in the order to ask them.

    What cannot fail comes before all that can, and of it the cheapest first, but a guard before what it guards. What an
    operand that can fail would tell is not relied on.
    """
    parts: list[Node] = []
    for arg in args:
        parts += arg.args if arg.op == op else (arg,)
    told = {part: part.when_true if op == "and" else part.when_false for part in parts if not part.fails}
    guarded = NO_FACTS.union(*told.values())
    used, known = NO_FACTS, NO_FACTS
    order: list[Node] = []
    waiting = sorted(told, key=lambda part: part.cost)
    while waiting:
        # Where all wait for one another, a guard around them holds: then the first as written is safe.
        ready = (part for part in waiting if not (part.used & guarded) - known)
        part = next(ready, None) or next(part for part in told if part in waiting)
        waiting.remove(part)
        order.append(part)
        used |= part.used - known
        known |= told[part]
    for part in parts:
        if part.fails:
            order.append(part)
            used |= part.used - known
    shared = frozenset.intersection(*(part.when_false if op == "and" else part.when_true for part in parts))
    true, false = (known, shared) if op == "and" else (shared, known)
    made = node(op, BOOL, order, when_true=true, when_false=false)
    return msgspec.structs.replace(made, used=used)


def path(of: Node) -> Path | None:
    """Return the name under which a value can be guarded; None where it has none."""
    match of.op:
        case "input":
            return tuple(of.value.split("."))
        case "loop":
            return (of.value,)
        case "field" | "key" | "member" if isinstance(of.value, str):
            within = path(of.args[0])
            return None if within is None else (*within, of.value)
    return None
