"""A checked condition in, its early parts and what is left of it out.

The parts are the largest that are known where the text is; what is left reads their values, and runs at the judge.
Values travel as JSON; a text never does, as nothing on the way of a case holds one.
"""

from typing import Final, NamedTuple

import msgspec

from streams.core.condition.tree import EARLY, LATE, SCALARS, Node, chain

_KEPT: Final = frozenset({"text", "context"})  # what may stand in strings that must not travel
# Operations that look into an operand, which may be a list or map at run time.
_OPENED: Final = {"within": 1, "items": 0, "member": 0, "size": 0}


class Split(NamedTuple):
    """A condition in two."""

    parts: tuple[Node, ...]
    left: Node  # reads them: nodes of op `read`, whose value is a part


class Stays(Exception):
    """A list, a map or a text would have to travel to the judge; the message says which."""


def split(whole: Node) -> Split:
    """Return the early parts of a condition and what is left; raise Stays where it cannot be split."""
    parts: dict[Node, None] = {}
    left = _left(whole, parts)
    return Split(tuple(parts), left)


def _left(whole: Node, parts: dict[Node, None]) -> Node:
    if whole.stage < EARLY:
        return whole
    if whole.stage == EARLY and not whole.loops:
        if _travels(whole):
            return _read(whole, parts)
        if whole.op == "input" or not whole.args:
            raise Stays(str(whole.value))
    args = list(whole.args)
    if whole.op in ("and", "or") and whole.stage == LATE:
        first = [arg for arg in args if arg.stage == EARLY and not arg.loops]
        if len(first) > 1:  # one value travels in place of several
            args = [chain(whole.op, first), *(arg for arg in args if arg not in first)]
    opened = _OPENED.get(whole.op)
    if opened is not None and args[opened].stage == EARLY and args[opened].type.name == "dyn":
        raise Stays(_called(args[opened]))
    made = tuple(_left(arg, parts) for arg in args)
    return msgspec.structs.replace(whole, args=made, fails=whole.fails or any(arg.fails for arg in made))


def _travels(part: Node) -> bool:
    if part.type.name == "dyn":
        return True
    return part.type.name in SCALARS and not (part.type.name == "string" and part.inputs & _KEPT)


def _read(part: Node, parts: dict[Node, None]) -> Node:
    parts[part] = None
    fails = part.fails or bool(part.used)
    return Node("read", part.type, value=part, stage=LATE, fails=fails)


def _called(part: Node) -> str:
    return ", ".join(sorted(part.inputs))
