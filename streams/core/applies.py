"""Which content a policy judges: kinds, tenants and conversation patterns; how specific it is, whether two overlap.

A pattern is a glob over the whole conversation id: `*` is any run of characters, none among them, `?` is one character,
everything else is itself. For globs it can be decided whether some id matches two of them; for regexes it is costly.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from streams.core.content import ID_LIMIT
from streams.core.label import KINDS, Kind

TENANTS: Final = 1000  # of one policy
PATTERNS: Final = 100  # of one policy: each is compared with each of another policy

Named = Annotated[str, Field(min_length=1, max_length=ID_LIMIT)]
Matches = Callable[[str], object]  # a conversation id in, something true out where a pattern matches


class AppliesTo(BaseModel):
    """Which content a policy judges; what is not named is no condition."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kinds: list[Kind] = Field(default_factory=lambda: list(KINDS), min_length=1)
    tenants: list[Named] | None = Field(default=None, min_length=1, max_length=TENANTS)
    conversations: list[Named] | None = Field(default=None, min_length=1, max_length=PATTERNS)  # globs

    def claim(self) -> "Claim":
        """Return what is compared and looked up of it."""
        return Claim(
            tenants=None if self.tenants is None else frozenset(self.tenants),
            conversations=None if self.conversations is None else tuple(self.conversations),
        )


class Claim(msgspec.Struct, frozen=True, gc=False):
    """Which content a policy judges, beside its kinds."""

    tenants: frozenset[str] | None = None  # any, and none, where None
    conversations: tuple[str, ...] | None = None  # globs; any id, and none, where None

    @property
    def specificity(self) -> int:
        """Return how specific it is: a named tenant counts for more than a pattern, 3 is both, 0 neither."""
        return 2 * (self.tenants is not None) + (self.conversations is not None)


EVERYTHING: Final = Claim()


def matcher(globs: Iterable[str]) -> Matches:
    """Return what says whether a conversation id matches one of the globs; its time is length times patterns."""
    return re.compile("|".join(map(_regex, globs)), re.DOTALL).fullmatch


def overlap(first: str, second: str) -> bool:
    """Say whether some text matches both globs: exact, in as many steps as the first has characters.

    The places of the second at which it may stand after what the first has read are one number, a bit for each place.
    """
    first, second = _collapsed(first), _collapsed(second)
    size = len(second)
    places: dict[str, int] = {}
    for place, char in enumerate(second):
        places[char] = places.get(char, 0) | 1 << place
    stars = places.get("*", 0)
    anything = (1 << size) - 1
    free = stars | places.get("?", 0)
    at = _closed(1, stars)
    for char in first:
        if char == "*":
            at = -(at & -at) & ((1 << (size + 1)) - 1)  # every place from the first one on
            continue
        reads = at & (anything if char == "?" else free | places.get(char, 0))
        at = _closed((reads & ~stars) << 1 | reads & stars, stars)
        if not at:
            return False
    return bool(at >> size)


def _closed(at: int, stars: int) -> int:
    """Return the places with those behind their stars: a star may read nothing."""
    return at | (at & stars) << 1


def _collapsed(glob: str) -> str:
    return re.sub(r"\*+", "*", glob)


def _regex(glob: str) -> str:
    """Return the regex of a glob. What stands between two stars is taken where it comes first: never looked for again.

    Without the atomic groups a pattern of many stars would try all ways to divide an id among them.
    """
    first, *rest = (_literal(piece) for piece in _collapsed(glob).split("*"))
    if not rest:
        return first
    return first + "".join(f"(?>.*?{piece})" for piece in rest[:-1]) + f".*{rest[-1]}"


def _literal(piece: str) -> str:
    return ".".join(map(re.escape, piece.split("?")))
