"""Lexicon: the families as they are written in text files in, families out.

    @name = a|b          alternatives that others refer to as {name}; in backticks: an expression as it stands
    [family] label severity action
    why: one sentence for moderators
    signals: link money  what else counts for it; optional
    0.40 {name} 2 <a|b>  a clause: its points, whole words or phrases, and how many words may stand between them

A line that begins with four spaces continues the one before; # begins a comment line.
Inside of < > and backticks all is a regular expression, {name} stands for the alternatives. Two phrases with no number
between them follow immediately.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, cast

from streams.core.action import action_named
from streams.core.label import SEVERITIES, Severity
from streams.solicitation.clause import Clause, Family
from streams.solicitation.expression import compiled, words
from streams.solicitation.service import MESSENGERS, PAYMENTS, SHORT_MESSENGERS
from streams.solicitation.signal import LINK, MONEY, WEIGHTS

INDENT: Final = "    "
FILES: Final = ("bypass.txt", "scam.txt")
# Expressions that stand in code because other modules use them too.
KNOWN: Final[Mapping[str, str]] = {
    "messengers": MESSENGERS,
    "short_messengers": SHORT_MESSENGERS,
    "payments": PAYMENTS,
    "money": f"`{MONEY}`",
    "link": f"`{LINK}`",
}

_REFERENCE: Final = re.compile(r"\{([a-z_]+)\}")
_PHRASE: Final = re.compile(r"\{(?P<name>[a-z_]+)\}|<(?P<words>[^<>]*)>|`(?P<raw>[^`]*)`|(?P<gap>\d+)")
_HEAD: Final = re.compile(r"\[([a-z_]+)\] ([a-z_]+) ([a-z]+) ([a-z_]+)")


@cache
def families() -> tuple[Family, ...]:
    """Return all families of the package's files; raise ValueError naming the line that is wrong."""
    found: list[Family] = []
    for name in FILES:
        found += parsed(_file(name), name)
    return tuple(found)


@cache
def speech(name: str) -> str:
    """Return a pattern for the whole words and phrases of a name in `speech.txt`; raise KeyError for an unknown one."""
    return words(_speech()[name])


@cache
def _speech() -> Mapping[str, str]:
    names = dict(KNOWN)
    for _, line in _lines(_file("speech.txt")):
        _read(line, names, [])
    return names


def _file(name: str) -> str:
    return files("streams.solicitation").joinpath(name).read_text("utf-8")


def parsed(text: str, source: str = "lexicon") -> list[Family]:
    """Return the families of a text; raise ValueError with the source and the line that cannot be read."""
    names = dict(KNOWN)
    found: list[Family] = []
    for number, line in _lines(text):
        try:
            _read(line, names, found)
        except (ValueError, KeyError, LookupError) as error:
            raise ValueError(f"{source} line {number}: {error}") from None
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each logical line with the number of its first one."""
    whole, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(INDENT):
            whole += line.removeprefix(INDENT).rstrip()
            continue
        if whole and not whole.startswith("#"):
            yield first, whole
        whole, first = line.rstrip(), number
    if whole and not whole.startswith("#"):
        yield first, whole


def _read(line: str, names: dict[str, str], found: list[Family]) -> None:
    """Add what one line says to the names or the families."""
    if line.startswith("@"):
        name, _, value = line[1:].partition(" = ")
        names[name] = _expanded(value, names)
    elif head := _HEAD.fullmatch(line):
        if head[3] not in SEVERITIES:
            raise ValueError(f"unknown severity {head[3]}")
        found.append(Family(head[1], head[2], cast("Severity", head[3]), action_named(head[4]), "", ()))
    elif not found:
        raise ValueError("stands before the first family")
    elif line.startswith("why: "):
        found[-1] = found[-1]._replace(why=line.removeprefix("why: "))
    elif line.startswith("signals: "):
        signals = frozenset(line.split()[1:])
        if not signals <= WEIGHTS.keys():
            raise ValueError(f"unknown signal {', '.join(sorted(signals - WEIGHTS.keys()))}")
        found[-1] = found[-1]._replace(signals=signals)
    else:
        found[-1] = found[-1]._replace(clauses=(*found[-1].clauses, _clause(line, names)))


def _clause(line: str, names: Mapping[str, str]) -> Clause:
    points, _, rest = line.partition(" ")
    if _PHRASE.sub("", rest).strip():
        raise ValueError(f"cannot read {_PHRASE.sub('', rest).strip()!r}")
    phrases = tuple(_phrase(match, names) for match in _PHRASE.finditer(rest))
    clause = Clause(float(points), phrases)
    if not 0 < clause.points <= 1 or not clause.needed:
        raise ValueError("a clause has points from 0 to 1 and a phrase")
    compiled(clause.pattern)
    return clause


def _phrase(match: re.Match[str], names: Mapping[str, str]) -> str | int:
    if match["gap"] is not None:
        return int(match["gap"])
    if match["raw"] is not None:
        return _expanded(match["raw"], names)
    value = _named(match["name"], names) if match["name"] is not None else _expanded(match["words"], names)
    return value.strip("`") if value.startswith("`") else words(value)


def _expanded(value: str, names: Mapping[str, str]) -> str:
    """Return a value with the names in it replaced."""
    return _REFERENCE.sub(lambda match: _named(match[1], names).strip("`"), value)


def _named(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise ValueError(f"unknown name {name}")
    return names[name]
