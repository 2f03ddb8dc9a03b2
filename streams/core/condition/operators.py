"""Operators with their operands in, typed nodes out: what may be compared, ordered and counted with what."""

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from streams.core.condition import limits
from streams.core.condition.parse import Operation, Tree, named
from streams.core.condition.tree import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    NO_FACTS,
    NULL,
    NUMBERS,
    SCALARS,
    STRING,
    WRONG,
    WRONGED,
    Facts,
    Node,
    Type,
    node,
    path,
)

ORDERINGS: Final = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
ARITHMETIC: Final = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod"}
# Counters of texts, each of which is a mark: more than are kept is never reached.
_COUNTED: Final = ("counts.messages_", "counts.same_")


class Faults(Protocol):
    """Remembers what is wrong."""

    def wrong(self, where: Tree, what: str) -> Node:
        """Remember a fault and return the node that stands in for the part."""

    def sure(self, written: Tree, made: Node, what: str) -> bool:
        """Say whether a value is certainly there; remember the fault where it may be null."""

    def known_label(self, where: Tree, label: object) -> bool:
        """Say whether a label can be found at all; remember the fault where it cannot."""


def applied(faults: Faults, written: Operation, args: Sequence[Node]) -> Node:
    """Return what an operator makes of its operands."""
    sign = written.sign
    if any(arg.type == WRONG for arg in args):
        return WRONGED
    if len(args) == 1:
        return _single(faults, written, args[0])
    if sign in ("==", "!="):
        return _equal(faults, written, args[0], args[1])
    if sign == "in":
        return _in(faults, written, args[0], args[1])
    lacks = "order" if sign in ORDERINGS else "sum"
    certain = [faults.sure(each, arg, lacks) for each, arg in zip(written.args, args, strict=True)]
    if not all(certain):  # all were asked: each tells its own fault
        return WRONGED
    return _ordered(faults, written, args) if sign in ORDERINGS else _counted(faults, written, args)


def searched(strings: Sequence[Node]) -> int:
    """Return the steps of passing over strings once."""
    return limits.LONG if any("text" in each.inputs for each in strings) else limits.SHORT


def there(made: Node) -> Node:
    """Return whether a value is there; where it is, that is known."""
    name = path(made)
    return node("there", BOOL, (made,), when_true=NO_FACTS if name is None else frozenset({name}))


def negated(made: Node) -> Node:
    """Return the opposite of a truth."""
    return node("not", BOOL, (made,), when_true=made.when_false, when_false=made.when_true)


def listed(faults: Faults, written: Tree, items: Sequence[Node]) -> Node:
    """Return a list as written, of items of one type."""
    if any(item.type == WRONG for item in items):
        return WRONGED
    kind = DYN if not items else items[0].type
    for item in items[1:]:
        both = _common(kind, item.type)
        if both is None:
            return faults.wrong(written, f"a list holds one type, this holds {kind} and {item.type}")
        kind = both
    return node("list", Type("list", kind), items)


def chosen(faults: Faults, written: Tree, condition: Node, then: Node, other: Node) -> Node:
    """Return one of two values."""
    if WRONG in (condition.type, then.type, other.type):
        return WRONGED
    kind = _common(then.type, other.type)
    if kind is None:
        return faults.wrong(written, f"both values are of one type: these are {then.type} and {other.type}")
    told = (NO_FACTS, NO_FACTS) if condition.fails else (condition.when_true, condition.when_false)
    made = node("if", kind, (condition, then, other))
    used = condition.used | (then.used - told[0]) | (other.used - told[1])
    return msgspec.structs.replace(made, used=used)


def _single(faults: Faults, written: Operation, arg: Node) -> Node:
    operand = written.args[0]
    if written.sign == "!":
        if arg.type != BOOL:
            meant = f": write {named(operand)} != true" if arg.type.name == "dyn" else ""
            return faults.wrong(operand, f"{named(operand)}: ! negates true or false, this is {arg.type}{meant}")
        return negated(arg)
    if not faults.sure(operand, arg, "negative"):
        return WRONGED
    if arg.type.name not in NUMBERS:
        return faults.wrong(operand, f"{named(operand)}: - needs a number, this is {arg.type}")
    if arg.op == "literal":
        return node("literal", arg.type, value=-arg.value)
    return node("neg", arg.type, (arg,), fails=True)


def _equal(faults: Faults, written: Operation, left: Node, right: Node) -> Node:
    for this, other, operand in ((left, right, written.args[1]), (right, left, written.args[0])):
        if this.type != NULL:
            continue
        if not other.type.nullable and path(other) not in other.used:
            return faults.wrong(written, f"{named(operand)}: {other.type} is never null")
        made = there(other)  # a guard
        return made if written.sign == "!=" else negated(made)
    if not _comparable(left.type, right.type):
        return faults.wrong(written, f"{left.type} and {right.type} are never equal")
    plain = left.type.name in SCALARS and right.type.name in SCALARS
    # A value that equals one that is not null is not null.
    facts: Facts = frozenset(
        name
        for this, other in ((left, right), (right, left))
        if other.op == "literal" and (name := path(this)) is not None and this.type.nullable
    )
    same = node("eq" if plain else "same", BOOL, (left, right), cost=1 if plain else limits.ITEMS, when_true=facts)
    return same if written.sign == "==" else negated(same)


def _in(  # noqa: PLR0911 - one a type
    faults: Faults, written: Operation, left: Node, right: Node
) -> Node:
    where = written.args[1]
    kind = right.type
    if kind.name in ("labels", "scores", "map"):
        if left.type != STRING:
            return faults.wrong(written, f"a key is a string, {named(written.args[0])} is {left.type}")
        if kind.name != "map" and left.op == "literal" and not faults.known_label(written.args[0], left.value):
            return WRONGED
        within = path(right)
        literal = left.op == "literal" and within is not None and kind.name != "labels"
        told: Facts = frozenset({(*(within or ()), left.value)}) if literal else NO_FACTS
        return node("in", BOOL, (left, right), when_true=told)
    if kind.name == "dyn":
        return node("within", BOOL, (left, right), fails=True) if faults.sure(where, right, "items") else WRONGED
    if kind.name != "list":
        return faults.wrong(where, f"{named(where)}: in needs a list or a map, this is {kind}")
    item = kind.item or DYN
    if not _comparable(left.type, item):
        return faults.wrong(written, f"{left.type} is never in {kind}")
    name = path(left)
    sure = name is not None and right.op == "list" and not item.nullable
    plain = left.type.name in SCALARS and item.name in SCALARS
    cost = 1 if right.op == "list" and plain else limits.ITEMS
    facts = frozenset({name}) if sure and name is not None else NO_FACTS
    return node("in" if plain else "among", BOOL, (left, right), cost=cost, when_true=facts)


def _ordered(faults: Faults, written: Operation, args: Sequence[Node]) -> Node:
    names = {arg.type.name for arg in args}
    if "dyn" in names and names <= {"dyn", "int", "double", "string"}:
        return node("order", BOOL, args, ORDERINGS[written.sign], fails=True)
    if not (names <= NUMBERS or names == {"string"}):
        both = " and ".join(str(arg.type) for arg in args)
        return faults.wrong(written, f"{written.sign} orders two numbers or two strings, these are {both}")
    for this, other in (args, args[::-1]):
        counter = this.op == "input" and this.value.startswith(_COUNTED)
        if counter and other.op == "literal" and other.value >= limits.MARKS:
            return faults.wrong(written, f"{this.value}: at most {limits.MARKS} texts of a conversation are remembered")
    return node("compare", BOOL, args, ORDERINGS[written.sign])


def _counted(faults: Faults, written: Operation, args: Sequence[Node]) -> Node:
    sign = written.sign
    names = {arg.type.name for arg in args}
    if names == {"string"} and sign == "+":
        return node("join", STRING, args, cost=searched(args))
    if names == {"int"}:
        return node("whole", INT, args, ARITHMETIC[sign], fails=True)
    if names == {"double"} and sign != "%":
        return node("number", DOUBLE, args, ARITHMETIC[sign], fails=True)
    both = " and ".join(str(arg.type) for arg in args)
    if names == NUMBERS and sign != "%":
        return faults.wrong(written, f"{sign} does not mix int and double: write a literal as 2.0")
    allowed = {"+": "two ints, two doubles or two strings", "%": "two ints"}.get(sign, "two ints or two doubles")
    return faults.wrong(written, f"{sign} takes {allowed}, these are {both}")


def _comparable(one: Type, other: Type) -> bool:
    names = {one.name, other.name}
    if names & {"message", "finding", "labels", "scores"}:
        return False
    if one.item is not None and other.item is not None and one.name == other.name:
        return _comparable(one.item, other.item)
    if NULL in (one, other):
        return one.nullable and other.nullable
    if "dyn" in names:
        return names <= SCALARS | {"dyn"}
    return len(names) == 1 or names <= NUMBERS


def _common(one: Type, other: Type) -> Type | None:
    """Return the type of values that are of either type; None where there is none."""
    nullable = one.nullable or other.nullable
    if one.sure() == other.sure():
        return one._replace(nullable=nullable)
    names = {one.name, other.name}
    if names <= NUMBERS:
        return DOUBLE._replace(nullable=nullable)
    if NULL in (one, other):
        return (other if one == NULL else one)._replace(nullable=True)
    return DYN if "dyn" in names and names <= SCALARS | {"dyn", "list", "map"} else None
