"""The tree of a condition as written in, the same with types out: all that is wrong with it at once."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from streams.core.condition import limits, operators, tree
from streams.core.condition.calls import FUNCTIONS, METHODS, called
from streams.core.condition.fault import ConditionErrors, Fault
from streams.core.condition.parse import Call, Index, Items, Name, Operation, Select, Tree, Value, named
from streams.core.condition.tree import (
    BOOL,
    DYN,
    EARLY,
    INT,
    LATE,
    NO_FACTS,
    NULL,
    STRING,
    WRONG,
    WRONGED,
    Facts,
    Node,
    Type,
    chain,
    node,
    path,
)
from streams.core.condition.vocabulary import CONSTANTS, FIELDS, GROUPS, NAMES, VARIABLES, stage_of

MACROS: Final = ("exists", "all", "exists_one", "filter", "map")
_TYPES: Final = {bool: BOOL, int: INT, float: tree.DOUBLE, str: STRING, type(None): NULL}
_KEYED: Final = frozenset({"map", "labels", "scores"})


def checked(source: str, written: Tree, labels: AbstractSet[str]) -> Node:
    """Return the typed tree of a condition; raise ConditionErrors with all that is wrong.

    `labels` are those that a policy can find: of the closed set, and its own.
    """
    checker = Checker(labels)
    made = checker.node(written, NO_FACTS)
    if made.type not in (BOOL, WRONG):
        checker.wrong(written, f"a condition is true or false, this is {made.type}")
    if not checker.faults and made.cost > limits.COST:
        checker.wrong(Value(0, None), f"costs too much: up to {made.cost} steps, at most {limits.COST}")
    if checker.faults:
        raise ConditionErrors(source, checker.faults)
    return made


class Checker:
    """Walks a tree once and remembers what is wrong; a part that is wrong has the type `wrong`, which fits anywhere."""

    def __init__(self, labels: AbstractSet[str]) -> None:
        self.faults: list[Fault] = []
        self._labels = labels
        self._loops: dict[str, Node] = {}  # what comprehensions around call their items

    def wrong(self, where: Tree, what: str) -> Node:
        """Remember a fault and return the node that stands in for the part."""
        self.faults.append(Fault(where.at, what))
        return WRONGED

    def node(self, written: Tree, facts: Facts) -> Node:  # noqa: PLR0911 - one a kind of tree
        """Return a part with types; `facts` are what guards around it say."""
        match written:
            case Value(_, value):
                return node("literal", _TYPES[type(value)], value=value)
            case Name(_, name):
                return self._name(written, name)
            case Select():
                return self._selected(written, facts)
            case Index():
                return self._indexed(written, facts)
            case Items(_, items):
                return operators.listed(self, written, [self.node(item, facts) for item in items])
            case Call():
                return self._call(written, facts)
            case Operation(_, sign, args) if sign in ("&&", "||", "?"):
                return self._logical(written, sign, args, facts)
            case Operation(_, sign, args):
                return operators.applied(self, written, [self.node(arg, facts) for arg in args])

    def sure(self, written: Tree, made: Node, what: str) -> bool:
        """Say whether a value is certainly there; remember the fault where it may be null."""
        if made.type == WRONG:
            return False
        if made.type.nullable:
            guard = _guard(written)
            hint = f": guard it, as in {guard} && …" if guard else ""
            self.wrong(written, f"{named(written)}: {_may_be(made.type)} and has no {what} then{hint}")
            return False
        return True

    def known_label(self, where: Tree, label: object) -> bool:
        """Say whether a label can be found at all; remember the fault where it cannot."""
        if isinstance(label, str) and label in self._labels:
            return True
        self.wrong(where, f"{label}: unknown label: one of {', '.join(sorted(self._labels))}")
        return False

    def _name(self, written: Tree, name: str) -> Node:
        if name in self._loops:
            return self._loops[name]
        if name in CONSTANTS:
            return node("literal", INT, value=CONSTANTS[name])
        if name in VARIABLES:
            return _input(name, VARIABLES[name])
        if name in GROUPS:
            return self.wrong(written, f"{name}: name a field of it: one of {', '.join(GROUPS[name])}")
        return self.wrong(written, f"{name}: unknown variable: one of {', '.join((*NAMES, *self._loops))}")

    def _selected(self, written: Select, facts: Facts) -> Node:  # noqa: PLR0911 - one a type
        of, field = written.of, written.field
        if isinstance(of, Name) and of.name in GROUPS and of.name not in self._loops:
            known = GROUPS[of.name]
            if field in known:
                return _told(_input(f"{of.name}.{field}", known[field]), facts)
            return self.wrong(written, f"{named(written)}: unknown field: one of {', '.join(known)}")
        within = self.node(of, facts)
        if within.type == WRONG:
            return WRONGED
        fields = FIELDS.get(within.type.name)
        if fields is not None:
            if field not in fields:
                return self.wrong(written, f"{named(written)}: unknown field: one of {', '.join(fields)}")
            return _told(node("field", fields[field], (within,), field), facts)
        if within.type.name in _KEYED:
            return self._keyed(written, within, node("literal", STRING, value=field), facts)
        if within.type.name == "dyn":
            if not self.sure(of, within, "fields"):
                return WRONGED
            return _told(node("member", DYN, (within,), field, fails=True), facts)
        return self.wrong(written, f"{named(of)}: {within.type} has no fields")

    def _keyed(self, written: Tree, within: Node, key: Node, facts: Facts) -> Node:
        """Return what a map has under a key; a label that was not found has severity 0."""
        if key.type != STRING:
            return WRONGED if key.type == WRONG else self.wrong(written, f"a key is a string, this is {key.type}")
        kind = within.type
        if kind.name != "map" and key.op == "literal" and not self.known_label(written, key.value):
            return WRONGED
        item = kind.item or DYN
        value = key.value if key.op == "literal" else None
        args = (within,) if value is not None else (within, key)
        if kind.name == "labels":
            return node("found", item, args, value)
        return _told(node("key", item._replace(nullable=True), args, value), facts)

    def _indexed(self, written: Index, facts: Facts) -> Node:  # noqa: PLR0911 - one a type
        within, key = self.node(written.of, facts), self.node(written.key, facts)
        if WRONG in (within.type, key.type):
            return WRONGED
        if within.type.name in _KEYED:
            return self._keyed(written, within, key, facts)
        if within.type.name == "list":
            if key.type != INT:
                return self.wrong(written.key, f"a place in a list is an int, this is {key.type}")
            return node("place", within.type.item or DYN, (within, key), fails=True)
        if within.type.name == "dyn":
            if not self.sure(written.of, within, "items"):
                return WRONGED
            if key.type not in (INT, STRING):
                return self.wrong(written.key, f"a place is an int, a key a string, this is {key.type}")
            return node("member", DYN, (within, key), fails=True)
        return self.wrong(written, f"{named(written.of)}: {within.type} has no items")

    def _logical(self, written: Tree, sign: str, args: Sequence[Tree], facts: Facts) -> Node:
        if sign == "?":
            condition = self._truth(args[0], facts)
            then = self.node(args[1], facts | (NO_FACTS if condition.fails else condition.when_true))
            other = self.node(args[2], facts | (NO_FACTS if condition.fails else condition.when_false))
            return operators.chosen(self, written, condition, then, other)
        parts: list[Node] = []
        for arg in args:
            part = self._truth(arg, facts)
            parts.append(part)
            # What fails is asked last, and tells nothing to the others.
            if not part.fails:
                facts |= part.when_true if sign == "&&" else part.when_false
        if any(part.type == WRONG for part in parts):
            return WRONGED
        return chain("and" if sign == "&&" else "or", parts)

    def _truth(self, written: Tree, facts: Facts) -> Node:
        made = self.node(written, facts)
        if made.type.name == "dyn":
            return self.wrong(written, f"{named(written)}: write {named(written)} == true")
        if made.type not in (BOOL, WRONG):
            return self.wrong(written, f"{named(written)}: true or false is needed, this is {made.type}")
        return made

    def _call(self, written: Call, facts: Facts) -> Node:
        name, of = written.name, written.of
        if name == "has" and of is None:
            return self._has(written, facts)
        if of is not None and name in MACROS:
            return self._comprehension(written, of, facts)
        if of is None and name not in FUNCTIONS:
            return self.wrong(written, f"{name}: unknown function: one of {', '.join(('has', *FUNCTIONS))}")
        if of is not None and name not in METHODS:
            return self.wrong(written, f"{name}: unknown function: one of {', '.join((*METHODS, *MACROS))}")
        args = (of, *written.args) if of is not None else written.args
        return called(self, written, args, [self.node(arg, facts) for arg in args])

    def _has(self, written: Call, facts: Facts) -> Node:
        if len(written.args) != 1 or not isinstance(written.args[0], Select):
            return self.wrong(written, "has: names one field, as in has(user.age_days)")
        field = written.args[0]
        made = self.node(field, facts)
        if made.type == WRONG:
            return WRONGED
        if made.op == "found":
            return node("in", BOOL, (node("literal", STRING, value=made.value), made.args[0]))
        if not made.type.nullable and path(made) not in facts:
            return self.wrong(field, f"{named(field)}: always there: leave out has()")
        return operators.there(made)

    def _comprehension(self, written: Call, of: Tree, facts: Facts) -> Node:
        macro = written.name
        over = self.node(of, facts)
        if len(written.args) != 2 or not isinstance(written.args[0], Name):  # noqa: PLR2004 - a name and a body
            return self.wrong(written, f"{macro}: a name and an expression, as in context.{macro}(m, m.age_s < 60)")
        name = written.args[0].name
        if name in (*NAMES, *self._loops):
            return self.wrong(written.args[0], f"{name}: stands for something else already: choose another name")
        if len(self._loops) >= limits.LOOPS:
            return self.wrong(written, f"{macro}: comprehensions within one another: at most {limits.LOOPS}")
        if over.type.name == "dyn" and self.sure(of, over, "items"):
            over = node("items", Type("list", DYN), (over,), fails=True)
        if over.type != WRONG and over.type.name not in ("list", *_KEYED):
            self.wrong(of, f"{named(of)}: {over.type} has no items")
            over = WRONGED
        item = WRONG if over.type == WRONG else (over.type.item or DYN) if over.type.name == "list" else STRING
        number = f"loop{len(self._loops)}"
        variable = Node("loop", item, value=number, stage=over.stage, inputs=over.inputs, loops=frozenset({number}))
        self._loops[name] = variable
        body = self.node(written.args[1], facts) if macro == "map" else self._truth(written.args[1], facts)
        del self._loops[name]
        if WRONG in (over.type, body.type):
            return WRONGED
        if over.stage == EARLY and body.stage == LATE:
            late = ", ".join(sorted(name for name in body.inputs if stage_of(name) == LATE)) or "labels"
            return self.wrong(
                written, f"{macro}: the judge, which knows {late}, has no {named(of)}: compare {late} apart"
            )
        return _looped(macro, over, body, number)


def _looped(macro: str, over: Node, body: Node, number: str) -> Node:
    kind = BOOL
    if macro == "filter":
        kind = Type("list", over.type.item if over.type.name == "list" else STRING)
    elif macro == "map":
        kind = Type("list", body.type)
    made = node(macro, kind, (over, body), number, cost=_items(over) * body.cost)
    return msgspec.structs.replace(
        made,
        loops=over.loops | (body.loops - {number}),
        used=over.used | {each for each in body.used if each[0] != number},
    )


def _items(over: Node) -> int:
    """Return how many items a list or map has at most."""
    if over.op == "list":
        return len(over.args)
    if over.op in ("filter", "map"):
        return _items(over.args[0])
    return limits.CONTEXT if over.op == "input" and over.value == "context" else limits.ITEMS


def _input(name: str, kind: Type) -> Node:
    return Node("input", kind, value=name, stage=stage_of(name), inputs=frozenset({name}))


def _told(made: Node, facts: Facts) -> Node:
    """Return a value that may be null as one that is there, where a guard says so."""
    name = path(made)
    if not made.type.nullable or name is None or name not in facts:
        return made
    return msgspec.structs.replace(made, type=made.type.sure(), used=made.used | {name})


def _may_be(kind: Type) -> str:
    return "may be missing" if kind.name == "dyn" else "null" if kind == NULL else "may be null"


def _guard(written: Tree) -> str | None:
    match written:
        case Select(_, _, _, False):
            return f"has({named(written)})"
        case Select(_, of, field, True):
            return f"{field!r} in {named(of)}"
        case Name():
            return f"{named(written)} != null"
    return None
