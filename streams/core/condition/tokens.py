"""The source of a condition in, its tokens out: names, signs and literals of the Common Expression Language."""

import re
from typing import Final, Literal, NamedTuple

from streams.core.condition.fault import Stopped

Kind = Literal["name", "sign", "literal", "end"]
Scalar = str | int | float | bool | None

WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}
# Names that the language keeps for itself.
# fmt: off
RESERVED: Final = frozenset({
    "as", "break", "const", "continue", "else", "for", "function", "if", "import",
    "let", "loop", "package", "namespace", "return", "var", "void", "while",
})
# fmt: on
MOST: Final = 2**63 - 1  # an int has 64 bits
_DIGITS: Final = 20  # of a number: more are too large, and take long to read

_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r\n\f]+|//[^\n]*)
    |(?P<double>(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |(?P<int>(?:0[xX][0-9a-fA-F]+|[0-9]+))(?P<unsigned>[uU])?
    |(?P<bytes>[rR]?[bB][rR]?["'])
    |(?P<raw>[rR](?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|"[^"\r\n]*"|'[^'\r\n]*'))
    |(?P<string>\"\"\"(?s:\\.|[^\\])*?\"\"\"|'''(?s:\\.|[^\\])*?'''|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[()\[\],.?:<>+\-*/%!])
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(
    r"""\\(?:(?P<one>[abfnrtv\\?"'`])|[xX](?P<hex>[0-9a-fA-F]{2})|u(?P<short>[0-9a-fA-F]{4})"""
    r"""|U(?P<long>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2})|(?P<bad>(?s:.)|\Z))"""
)
_ONE: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SURROGATES: Final = range(0xD800, 0xE000)
_POINTS: Final = 0x110000


class Token(NamedTuple):
    """A word of the source."""

    kind: Kind
    text: str  # of a name or a sign
    at: int  # characters from the start
    value: Scalar = None  # of a literal


def tokens(source: str) -> list[Token]:
    """Return the tokens of a source, the last of kind `end`; raise Stopped at what is none."""
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise Stopped(at, _unknown(source, at))
        token = _token(match, at)
        if token is not None:
            found.append(token)
        at = match.end()
    return [*found, Token("end", "", len(source))]


def _token(  # noqa: C901, PLR0911, PLR0912 - one case a kind of token
    match: re.Match[str], at: int
) -> Token | None:
    text = match.group()
    match match.lastgroup:
        case "space":
            return None
        case "double":
            number = float(text)
            if number == float("inf"):
                raise Stopped(at, f"{text}: too large for a double")
            return Token("literal", text, at, number)
        case "int":
            whole = int(text, 16 if text[:2] in ("0x", "0X") else 10) if len(text) <= _DIGITS else MOST + 2
            if whole > MOST + 1:  # the least int is a minus and one more than the largest
                raise Stopped(at, f"{text[:_DIGITS]}: an int has 64 bits")
            return Token("literal", text, at, whole)
        case "unsigned":
            raise Stopped(at, f"{text}: unsigned numbers are not supported: write {text[:-1]}")
        case "bytes":
            raise Stopped(at, "bytes are not supported: write a string")
        case "raw":
            return Token("literal", text, at, _within(text[1:]))
        case "string":
            return Token("literal", text, at, _unescaped(_within(text), at))
        case "name" if text in WORDS:
            return Token("literal", text, at, WORDS[text])
        case "name" if text in RESERVED:
            raise Stopped(at, f"{text}: reserved by the language")
        case "name" if text == "in":
            return Token("sign", text, at)
        case "name":
            return Token("name", text, at)
    return Token("sign", text, at)


def _within(quoted: str) -> str:
    marks = 3 if quoted[:3] in ('"""', "'''") and len(quoted) >= 6 else 1  # noqa: PLR2004 - two times three marks
    return quoted[marks:-marks]


def _unescaped(text: str, at: int) -> str:
    def plain(match: re.Match[str]) -> str:
        if match["one"]:
            return _ONE.get(match["one"], match["one"])
        if match["bad"] is not None:
            raise Stopped(at, f"{match.group()}: unknown escape: in patterns write r'…'")
        digits = match["hex"] or match["short"] or match["long"]
        point = int(match["octal"], 8) if digits is None else int(digits, 16)
        if point in _SURROGATES or point >= _POINTS:
            raise Stopped(at, f"{match.group()}: no character")
        return chr(point)

    return _ESCAPE.sub(plain, text) if "\\" in text else text


def _unknown(source: str, at: int) -> str:
    sign = source[at]
    if sign in "\"'":
        return "this string does not end"
    if sign in "{}":
        return "maps and messages cannot be written in a condition: compare single fields"
    meant = {"&": "&&", "|": "||", "=": "=="}.get(sign)
    return f"{sign!r}: did you mean {meant}" if meant else f"{sign!r}: no sign of the language"
