"""Checked conditions in, Python's own syntax trees out.

No text is made and none is run: names come from the vocabulary, what an author wrote stands only in constants.
Compiled code takes a sixth of the time of closures that call each other.
"""

import ast
from collections.abc import Iterable, Sequence
from typing import Any, Final

from streams.core.condition.calls import pattern
from streams.core.condition.tree import Node

_COMPARE: Final[dict[str, type[ast.cmpop]]] = {"lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE}
_ARITHMETIC: Final[dict[str, type[ast.operator]]] = {"add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "div": ast.Div}
_DIVISIONS: Final = {"div": "quotient", "mod": "remainder"}
_HELPERS: Final = {
    "same": "same",
    "within": "within",
    "among": "among",
    "member": "member",
    "place": "place",
    "items": "items",
    "string": "string",
    "lowerAscii": "lower_ascii",
}
_METHODS: Final = {"startsWith": "startswith", "endsWith": "endswith"}
_FEW: Final = 3  # constants that are compared one by one faster than looked up


def name(of: str) -> ast.expr:
    """Return a name that is read."""
    return ast.Name(of, ast.Load())


def call(function: str, *args: ast.expr) -> ast.expr:
    """Return the call of a function of `running`."""
    return ast.Call(name(function), list(args), [])


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """Return a comparison."""
    return ast.Compare(left, [operator], [right])


def local(of: str) -> str:
    """Return the local variable of an input: `user.role` is `user_role`."""
    return f"in_{of.replace('.', '_')}"


class Emitter:
    """Turns the nodes of one function into expressions; remembers which inputs they read."""

    def __init__(self, constants: dict[str, Any], parts: dict[Node, int]) -> None:
        self.inputs: dict[str, None] = {}  # in the order in which they were first read
        self._constants = constants  # what compiled code finds by name
        self._parts = parts  # early part -> its number

    def expression(self, node: Node) -> ast.expr:  # noqa: C901, PLR0911, PLR0912 - one case an operation
        """Return what evaluates a node."""
        op, value = node.op, node.value
        if op in _HELPERS:
            fields = [ast.Constant(value)] if value is not None else []
            return call(_HELPERS[op], *self._all(node.args), *fields)
        match op:
            case "literal":
                return ast.Constant(value)
            case "input":
                return self._input(value)
            case "loop":
                return name(value)
            case "read":
                return self._read(node)
            case "list":
                return ast.Tuple(self._all(node.args), ast.Load())
            case "field":
                return ast.Attribute(self.expression(node.args[0]), value, ast.Load())
            case "found":
                self._input("labels")
                return call("label_of", self._key(node), name("NO_FINDING"))
            case "key":
                return ast.Call(ast.Attribute(self.expression(node.args[0]), "get", ast.Load()), [self._key(node)], [])
            case "there":
                return compare(self.expression(node.args[0]), ast.IsNot(), ast.Constant(None))
            case "not":
                return self._not(node.args[0])
            case "and" | "or":
                return self._logical(node)
            case "if":
                condition, then, other = self._all(node.args)
                return ast.IfExp(condition, then, other)
            case "eq" | "in" | "compare":
                return self._compared(node)
            case "order":
                return call(f"order_{value}", *self._all(node.args))
            case "join" | "whole" | "number" | "neg":
                return self._counted(node)
            case "contains":
                text, part = self._all(node.args)
                return compare(part, ast.In(), text)
            case "startsWith" | "endsWith":
                text, part = self._all(node.args)
                return ast.Call(ast.Attribute(text, _METHODS[op], ast.Load()), [part], [])
            case "matches":
                return self._matches(node)
            case "size":
                return call("size" if value else "len", *self._all(node.args))
        return self._looped(node)

    def _all(self, nodes: Iterable[Node]) -> list[ast.expr]:
        return [self.expression(each) for each in nodes]

    def _input(self, of: str) -> ast.expr:
        self.inputs[of] = None
        return name(local(of))

    def early(self, node: Node) -> str:
        """Return the local variable of an early part that a node reads."""
        return f"early{self._parts[node.value]}"

    def _read(self, node: Node) -> ast.expr:
        early = self.early(node)
        if not node.fails:
            return name(early)
        return ast.IfExp(compare(name(early), ast.IsNot(), name("MISSING")), name(early), call("cannot"))

    def _key(self, node: Node) -> ast.expr:
        return ast.Constant(node.value) if node.value is not None else self.expression(node.args[1])

    def _not(self, of: Node) -> ast.expr:
        made = self.expression(of)
        if isinstance(made, ast.Compare) and len(made.ops) == 1:
            opposite = {ast.IsNot: ast.Is, ast.Eq: ast.NotEq, ast.In: ast.NotIn}.get(type(made.ops[0]))
            if opposite is not None:
                return ast.Compare(made.left, [opposite()], made.comparators)
        return ast.UnaryOp(ast.Not(), made)

    def _logical(self, node: Node) -> ast.expr:
        """Return `&&` or `||`: Python's own for what cannot fail, which comes first; a function's for the rest."""
        sure = self._all(sorted((arg for arg in node.args if not arg.fails), key=_first))
        unsure = self._all(arg for arg in node.args if arg.fails)
        if len(unsure) > 1:
            function = "conjunction" if node.op == "and" else "disjunction"
            unsure = [call(function, *(ast.Lambda(_arguments(), each) for each in unsure))]
        operands = [*sure, *unsure]
        return operands[0] if len(operands) == 1 else ast.BoolOp(ast.And() if node.op == "and" else ast.Or(), operands)

    def _compared(self, node: Node) -> ast.expr:
        left, right = node.args
        if node.op == "eq":
            return compare(self.expression(left), ast.Eq(), self.expression(right))
        if node.op == "compare":
            return compare(self.expression(left), _COMPARE[node.value](), self.expression(right))
        if right.op == "list" and len(right.args) > _FEW and all(each.op == "literal" for each in right.args):
            constant = f"constant{len(self._constants)}"
            self._constants[constant] = frozenset(each.value for each in right.args)
            return compare(self.expression(left), ast.In(), name(constant))
        return compare(self.expression(left), ast.In(), self.expression(right))

    def _counted(self, node: Node) -> ast.expr:
        args = self._all(node.args)
        checked = "whole" if node.type.name == "int" else "finite"
        if node.op == "neg":
            return call(checked, ast.UnaryOp(ast.USub(), args[0]))
        if node.op == "join":
            return ast.BinOp(args[0], ast.Add(), args[1])
        if node.op == "whole" and node.value in _DIVISIONS:
            return call(_DIVISIONS[node.value], *args)
        return call(checked, ast.BinOp(args[0], _ARITHMETIC[node.value](), args[1]))

    def _matches(self, node: Node) -> ast.expr:
        search = f"search{len(self._constants)}"
        self._constants[search] = pattern(node.value).search
        text = self.expression(node.args[0])
        # RE2 reads bytes in half the time; halves of characters, which no pattern means, must not make it fail.
        encoding: list[ast.expr] = [ast.Constant("utf-8"), ast.Constant("surrogatepass")]
        encoded = ast.Call(ast.Attribute(text, "encode", ast.Load()), encoding, [])
        return compare(call(search, encoded), ast.IsNot(), ast.Constant(None))

    def _looped(self, node: Node) -> ast.expr:
        over, body = self.expression(node.args[0]), self.expression(node.args[1])
        item = ast.Name(node.value, ast.Store())
        if node.op in ("exists", "all", "exists_one"):
            if node.op == "exists_one" or node.args[1].fails:
                function = {"exists": "some", "all": "every", "exists_one": "one"}[node.op]
                return call(function, over, ast.Lambda(_arguments(node.value), body))
            each = ast.comprehension(item, over, [], 0)
            return call("any" if node.op == "exists" else "all", ast.GeneratorExp(body, [each]))
        if node.op == "filter":
            return ast.ListComp(name(node.value), [ast.comprehension(item, over, [body], 0)])
        return ast.ListComp(body, [ast.comprehension(item, over, [], 0)])


def _first(node: Node) -> bool:
    """Put what was read before all else: it is false most often, and costs least."""
    return node.op != "read"


def _arguments(*names: str) -> ast.arguments:
    return ast.arguments([], [ast.arg(each) for each in names], None, [], [], None, [])


def function(of: str, takes: Sequence[str], body: Sequence[ast.stmt]) -> ast.stmt:
    """Return the definition of a function."""
    made = ast.parse("def f(): pass").body[0]
    assert isinstance(made, ast.FunctionDef)  # noqa: S101 - for the checker of types
    made.name, made.args, made.body = of, _arguments(*takes), list(body)
    return made
