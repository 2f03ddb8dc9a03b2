"""Functions and methods of conditions: what they take and what they give."""

from collections.abc import Sequence
from typing import Any, Final

import re2

from streams.core.condition.operators import Faults, searched
from streams.core.condition.parse import Call, Tree, named
from streams.core.condition.tree import BOOL, INT, STRING, WRONG, WRONGED, Node, node

METHODS: Final = ("contains", "startsWith", "endsWith", "matches", "size", "lowerAscii")
FUNCTIONS: Final = ("size", "matches")
_TAKES: Final = {"size": 1, "lowerAscii": 1}  # the others take two strings
_SIZED: Final = frozenset({"string", "list", "map", "labels", "scores"})

MAX_MEM: Final = 8 << 20  # bytes that RE2 may use for one pattern, as for those of the pattern engine


def called(  # noqa: PLR0911 - one return a fault
    faults: Faults, written: Call, parts: Sequence[Tree], args: Sequence[Node]
) -> Node:
    """Return a call; the first of its arguments is what a method is called on."""
    name = written.name
    takes = _TAKES.get(name, 2)
    if len(args) != takes:
        return faults.wrong(written, f"{name}: takes {takes - 1 if written.of is not None else takes} in brackets")
    certain = [faults.sure(part, arg, f"{name}()") for part, arg in zip(parts, args, strict=True)]
    if not all(certain):  # all were asked: each tells its own fault
        return WRONGED
    if name == "size":
        return _size(faults, parts[0], args[0])
    strings = []
    for part, arg in zip(parts, args, strict=True):
        if arg.type.name == "dyn":
            strings.append(node("string", STRING, (arg,), fails=True))
        elif arg.type == STRING:
            strings.append(arg)
        else:
            faults.wrong(part, f"{named(part)}: {name} takes strings, this is {arg.type}")
    if len(strings) < len(args):
        return WRONGED
    if name == "lowerAscii":
        return node("lowerAscii", STRING, strings, cost=searched(strings))
    if name == "matches":
        return _matches(faults, parts[1], strings)
    return node(name, BOOL, strings, cost=searched(strings) if name == "contains" else 1)


def pattern(source: str) -> Any:
    """Return a compiled pattern, in RE2's syntax; raise ValueError with what is wrong."""
    options = re2.Options()
    options.max_mem = MAX_MEM
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error as error:
        raise ValueError(error.args[0].decode("utf-8", "replace") if error.args else "it does not compile") from None


def _matches(faults: Faults, where: Tree, args: Sequence[Node]) -> Node:
    if args[1].op != "literal":
        return faults.wrong(where, "matches: the pattern is a literal string, as in text.matches(r'(ha){5,}')")
    source = str(args[1].value)
    try:
        pattern(source)
    except ValueError as error:
        return faults.wrong(where, f"matches: {error}: look-around and back-references are not supported")
    return node("matches", BOOL, args[:1], source, cost=searched(args[:1]))


def _size(faults: Faults, written: Tree, arg: Node) -> Node:
    if arg.type.name == "dyn":
        return node("size", INT, (arg,), "any", fails=True)
    if arg.type == WRONG or arg.type.name not in _SIZED:
        return faults.wrong(written, f"{named(written)}: {arg.type} has no size")
    return node("size", INT, (arg,))
