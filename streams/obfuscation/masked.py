"""Masked words: `sh*t`, `f**k`, `s.hit` in, the word out."""

from collections.abc import Container
from functools import cache
from typing import Final

from streams.obfuscation.vocabulary import DISGUISED, DISGUISED_WORDS

MASKS: Final = frozenset("*#%_-.")
STARS: Final = frozenset("*#")  # may hide all letters but the first
SHORTEST: Final = 4  # of which all letters but the first may be hidden
WITHOUT: Final = str.maketrans("", "", "*#%_-.")


def unmasked(word: str, known: Container[str]) -> str | None:
    """Return the disguised word of which a lower-case word shows some letters, or None; `known` words stay."""
    bare = word.strip("*#%_-.")
    if not any(character in MASKS for character in word) or (len(bare) > 1 and bare in known):
        return None
    left = word.translate(WITHOUT)
    if left in DISGUISED_WORDS:
        return left
    if not left.isalpha() or word[0] in MASKS or (len(left) < 2 and len(word) < SHORTEST):  # noqa: PLR2004
        return None
    hidden = STARS if len(left) < 2 else MASKS  # noqa: PLR2004
    return next((listed for listed in _listed().get((word[0], len(word)), ()) if _fits(word, listed, hidden)), None)


@cache
def _listed() -> dict[tuple[str, int], list[str]]:
    """Return the disguised words by their first letter and their length."""
    listed: dict[tuple[str, int], list[str]] = {}
    for word in DISGUISED:
        listed.setdefault((word[0], len(word)), []).append(word)
    return listed


def _fits(word: str, listed: str, hidden: frozenset[str]) -> bool:
    return all(a == b or a in hidden for a, b in zip(word, listed, strict=True))
