"""Families and their clauses: what people write who lead away or defraud, phrase after phrase, with points.

A clause is a sequence of phrases within one sentence: act, object, channel. One clause is seldom proof; the points of
the clauses of a family that a text holds add up.
"""

from typing import NamedTuple

from streams.core.action import Action
from streams.core.label import Severity
from streams.solicitation.expression import gap

# Phrases (regular expressions) and, between them, how many words may stand there at most.
Phrases = tuple[str | int, ...]


class Clause(NamedTuple):
    """One thing that is said."""

    points: float  # 0..1
    phrases: Phrases

    @property
    def pattern(self) -> str:
        """Return the regular expression of the whole clause."""
        return "".join(gap(part) if isinstance(part, int) else f"(?:{part})" for part in self.phrases)

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the regular expressions that all match wherever the clause does."""
        return tuple(part for part in self.phrases if isinstance(part, str))


class Family(NamedTuple):
    """One rule: what it looks for and what it leads to unless the policy says otherwise."""

    name: str
    label: str
    severity: Severity  # without further signals
    action: Action
    why: str
    clauses: tuple[Clause, ...]
    signals: frozenset[str] = frozenset()  # names of signals that add to the points of this family
