"""Tokens of a condition in, its tree as written out: nothing is known of types and names yet."""

from typing import Final, NamedTuple

from streams.core.condition import limits
from streams.core.condition.fault import Stopped
from streams.core.condition.tokens import MOST, Scalar, Token, tokens


class Value(NamedTuple):
    """A literal."""

    at: int
    value: Scalar


class Name(NamedTuple):
    """A variable, a constant, or what a comprehension calls each item."""

    at: int
    name: str


class Select(NamedTuple):
    """A field: `of.field`, or `of['field']`."""

    at: int
    of: "Tree"
    field: str
    indexed: bool = False


class Index(NamedTuple):
    """An item: `of[key]`, where the key is no literal string."""

    at: int
    of: "Tree"
    key: "Tree"


class Call(NamedTuple):
    """A function, or a method or macro of `of`."""

    at: int
    of: "Tree | None"
    name: str
    args: tuple["Tree", ...]


class Items(NamedTuple):
    """A list as written."""

    at: int
    items: tuple["Tree", ...]


class Operation(NamedTuple):
    """An operator with its operands; `&&` and `||` have two or more, the others as written."""

    at: int
    sign: str  # `-` with one operand is the negative, `?` is the conditional
    args: tuple["Tree", ...]


Tree = Value | Name | Select | Index | Call | Items | Operation

BINDS: Final = {
    **dict.fromkeys(("||",), 1),
    **dict.fromkeys(("&&",), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
CHAINS: Final = frozenset({"&&", "||"})


def parsed(source: str) -> Tree:
    """Return the tree of a source; raise Stopped at what is no expression, or too large."""
    if len(source) > limits.SOURCE:
        raise Stopped(limits.SOURCE, f"{len(source)} characters: at most {limits.SOURCE}")
    tree = _Parser(tokens(source)).whole()
    _measured(tree)
    return tree


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._next = 0
        self._nodes = 0
        self._depth = 0

    def whole(self) -> Tree:
        tree = self._expression()
        if self._word.kind != "end":
            raise self._unexpected("an operator or the end")
        return tree

    @property
    def _word(self) -> Token:
        return self._words[self._next]

    def _took(self, sign: str) -> bool:
        if self._word.kind == "sign" and self._word.text == sign:
            self._next += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise self._unexpected(sign)

    def _unexpected(self, wanted: str) -> Stopped:
        word = self._word
        return Stopped(word.at, f"{'the end' if word.kind == 'end' else word.text[:40]}: expected {wanted}")

    def _new(self, tree: Tree) -> Tree:
        self._nodes += 1
        if self._nodes > limits.NODES:
            raise Stopped(tree.at, f"more than {limits.NODES} operands and operators: split the rule")
        return tree

    def _expression(self) -> Tree:
        self._depth += 1
        if self._depth > limits.DEPTH:
            raise Stopped(self._word.at, f"nested deeper than {limits.DEPTH}")
        tree, at = self._operation(1), self._word.at
        if self._took("?"):
            then = self._operation(1)
            self._expect(":")
            tree = self._new(Operation(at, "?", (tree, then, self._expression())))
        self._depth -= 1
        return tree

    def _operation(self, least: int) -> Tree:
        tree = self._signed()
        while self._word.kind == "sign" and BINDS.get(self._word.text, 0) >= least:
            word = self._word
            self._next += 1
            args = [tree, self._operation(BINDS[word.text] + 1)]
            while word.text in CHAINS and self._took(word.text):
                args.append(self._operation(BINDS[word.text] + 1))
            tree = self._new(Operation(word.at, word.text, tuple(args)))
        return tree

    def _signed(self) -> Tree:
        signs: list[Token] = []
        while self._word.kind == "sign" and self._word.text in ("!", "-"):
            signs.append(self._word)
            self._next += 1
        word = self._word
        tree: Tree
        if word.value == MOST + 1 and type(word.value) is int:
            if not signs or signs[-1].text != "-":
                raise Stopped(word.at, f"{word.text}: an int has 64 bits")
            self._next += 1
            signs.pop()
            tree = self._new(Value(word.at, -MOST - 1))
        else:
            tree = self._fielded()
        for sign in reversed(signs):
            tree = self._new(Operation(sign.at, sign.text, (tree,)))
        return tree

    def _fielded(self) -> Tree:
        tree = self._primary()
        while True:
            if self._took("."):
                word = self._word
                if word.kind != "name":
                    raise self._unexpected("the name of a field or function")
                self._next += 1
                if self._took("("):
                    tree = self._new(Call(word.at, tree, word.text, self._list(")")))
                else:
                    tree = self._new(Select(tree.at, tree, word.text))
            elif self._took("["):
                key = self._expression()
                self._expect("]")
                if isinstance(key, Value) and isinstance(key.value, str):
                    tree = self._new(Select(tree.at, tree, key.value, indexed=True))
                else:
                    tree = self._new(Index(tree.at, tree, key))
            else:
                return tree

    def _primary(self) -> Tree:
        word = self._word
        if word.kind == "literal":
            self._next += 1
            return self._new(Value(word.at, word.value))
        if word.kind == "name":
            self._next += 1
            if self._took("("):
                return self._new(Call(word.at, None, word.text, self._list(")")))
            return self._new(Name(word.at, word.text))
        if self._took("("):
            tree = self._expression()
            self._expect(")")
            return tree
        if self._took("["):
            return self._new(Items(word.at, self._list("]")))
        raise self._unexpected("a value")

    def _list(self, end: str) -> tuple[Tree, ...]:
        items: list[Tree] = []
        while not self._took(end):
            if items:
                self._expect(",")
                if end == "]" and self._took(end):  # a comma may end a list
                    break
            items.append(self._expression())
        return tuple(items)


def _measured(tree: Tree) -> None:
    """Raise Stopped where a tree is too deep for those who descend into it; a row of signs is, without brackets."""
    level = [tree]
    for _ in range(limits.DEPTH):
        level = [part for each in level for part in _within(each)]
        if not level:
            return
    raise Stopped(level[0].at, f"nested deeper than {limits.DEPTH}")


def _within(tree: Tree) -> tuple[Tree, ...]:
    match tree:
        case Select(_, of, _, _):
            return (of,)
        case Index(_, of, key):
            return (of, key)
        case Call(_, of, _, args):
            return args if of is None else (of, *args)
        case Items(_, args) | Operation(_, _, args):
            return args
    return ()


def named(tree: Tree) -> str:  # noqa: PLR0911 - one a kind of tree
    """Return how messages name a part of a condition."""
    match tree:
        case Name(_, name):
            return name
        case Select(_, of, field, indexed):
            return f"{named(of)}[{field!r}]" if indexed else f"{named(of)}.{field}"
        case Index(_, of, _):
            return f"{named(of)}[…]"
        case Call(_, of, name, _):
            return f"{named(of)}.{name}()" if of is not None else f"{name}()"
        case Value(_, value):
            return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)[:40]
        case Items():
            return "the list"
        case Operation(_, sign, _):
            return f"the result of {sign}"
