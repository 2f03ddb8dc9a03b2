"""The conditions of a policy, compiled together: values of a content in, which of them hold out.

Early parts are worked out where the text is and travel as JSON; what is left is worked out at the judge. Equal parts of
several conditions travel once.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from streams.core.condition import emit, running
from streams.core.condition.condition import Condition
from streams.core.condition.emit import Emitter
from streams.core.condition.inputs import LINKS, NO_FINDING, SAME, WITHIN, Early, Late
from streams.core.condition.tree import BOOL, EARLY, Node
from streams.core.condition.vocabulary import stage_of

# Where an input that is known late lies; the early ones are fields of their own names.
_LATE: Final = {"user.strikes": "strikes", "user.restricted": "restricted"}
_COUNTERS: Final = {**WITHIN, "links_10m": LINKS, "same_10m": SAME}

Truth = bool | None


class Conditions:
    """What a policy's conditions need, and which of them hold; immutable, thread-safe, never raises at run time."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.needs: frozenset[str] = frozenset().union(*(condition.needs for condition in conditions))
        parts = list(dict.fromkeys(part for condition in conditions for part in condition.split.parts))
        self.early_count = len(parts)
        counters = [name for name in _COUNTERS if f"counts.{name}" in self.needs]
        # How many texts of a conversation must be remembered, and how far back: marks, as `core/velocity` makes them.
        self.marks = max((condition.marks for condition in conditions), default=0)
        self.horizon_ms = max((_COUNTERS[name] for name in counters), default=0)
        numbers = {part: number for number, part in enumerate(parts)}
        self._early: Callable[[Early], tuple[str, ...]] = _function(
            ("early",), [(f"told{number}", part) for part, number in numbers.items()], numbers, _telling, ast.Tuple
        )
        self._left: Callable[[Late, Sequence[str]], list[Truth]] = _function(
            ("late", "texts"),
            [(f"holds{number}", condition.split.left) for number, condition in enumerate(conditions)],
            numbers,
            _holding,
            ast.List,
        )
        self._whole: Callable[[Late, Early], list[Truth]] = _function(
            ("late", "early"),
            [(f"holds{number}", condition.tree) for number, condition in enumerate(conditions)],
            {},
            _holding,
            ast.List,
        )

    def early_of(self, early: Early) -> tuple[str, ...]:
        """Return the values of the early parts as JSON; "" for each that cannot be said."""
        return self._early(early)

    def holding(self, late: Late, early: Sequence[str]) -> list[Truth]:
        """Return for each condition whether it holds; None where that cannot be said. `early` is what `early_of` gave.

        Where it has another length, it is of other conditions: what needs it cannot be said.
        """
        return self._left(late, early if len(early) == self.early_count else ("",) * self.early_count)

    def holding_at_once(self, late: Late, early: Early) -> list[Truth]:
        """Return the same where all is known in one place."""
        return self._whole(late, early)


def _function(
    takes: tuple[str, ...],
    named: Sequence[tuple[str, Node]],
    parts: Mapping[Node, int],
    statement: Callable[[Emitter, str, Node], ast.stmt],
    gathered: type[ast.Tuple] | type[ast.List],
) -> Any:
    """Return a compiled function that works out each of the nodes and returns all values in order."""
    constants: dict[str, Any] = {**running.NAMES, "NO_FINDING": NO_FINDING}
    emitter = Emitter(constants, dict(parts))
    body = [statement(emitter, name, node) for name, node in named]
    head: list[ast.stmt] = [_assigned(emit.local(name), _source(name)) for name in emitter.inputs]
    if "labels" in emitter.inputs:
        head.append(_assigned("label_of", ast.Attribute(emit.name(emit.local("labels")), "get", ast.Load())))
    if "texts" in takes:
        head += [_assigned(f"early{number}", _heard(part, number)) for part, number in parts.items()]
    values: list[ast.expr] = [emit.name(name) for name, _ in named]
    body = [*head, *body, ast.Return(gathered(values, ast.Load()))]
    module = ast.fix_missing_locations(ast.Module([emit.function("made", takes, body)], []))
    exec(compile(module, "<conditions>", "exec"), constants)  # noqa: S102 - a tree built here, no text of an author
    return constants["made"]


def _telling(emitter: Emitter, name: str, part: Node) -> ast.stmt:
    value = emitter.expression(part)
    if part.type == BOOL:
        return _tried(name, ast.IfExp(value, ast.Constant("true"), ast.Constant("false")), ast.Constant(""))
    return _tried(name, emit.call("told", value), ast.Constant(""))


def _holding(emitter: Emitter, name: str, node: Node) -> ast.stmt:
    made = _tried(name, emitter.expression(node), ast.Constant(None))
    reads = [emitter.early(each) for each in _reads(node) if not each.fails]
    if not reads:
        return made
    # These never fail where the text is, so that what reads them takes them for granted: without them, nothing is said.
    missing = [emit.compare(emit.name(each), ast.Is(), emit.name("MISSING")) for each in dict.fromkeys(reads)]
    test = missing[0] if len(missing) == 1 else ast.BoolOp(ast.Or(), missing)
    return ast.If(test, [_assigned(name, ast.Constant(None))], [made])


def _reads(node: Node) -> list[Node]:
    return [node] if node.op == "read" else [read for arg in node.args for read in _reads(arg)]


def _source(name: str) -> ast.expr:
    if stage_of(name) == EARLY:
        path = name if name.startswith("counts.") else name.replace(".", "_")
        source = emit.name("early")
    else:
        path, source = _LATE.get(name, name), emit.name("late")
    for field in path.split("."):
        source = ast.Attribute(source, field, ast.Load())
    return source


def _heard(part: Node, number: int) -> ast.expr:
    text = ast.Subscript(emit.name("texts"), ast.Constant(number), ast.Load())
    return emit.call("truth", text, emit.name("MISSING")) if part.type == BOOL else emit.call("heard", text)


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _tried(name: str, value: ast.expr, otherwise: ast.expr) -> ast.stmt:
    handler = ast.ExceptHandler(emit.name("ERRORS"), None, [_assigned(name, otherwise)])
    return ast.Try([_assigned(name, value)], [handler], [], [])
