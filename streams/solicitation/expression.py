"""Regular expressions in linear time, and the pieces that patterns for running text are made of."""

from collections.abc import Iterable
from typing import Any, Final

import re2

from streams.core.span import Span

# Below the Python wrapper of google-re2, which takes twice the time of the search itself; a unit test guards it.
_ANYWHERE: Final = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001
MANY: Final = 1 << 30  # more matches than any text has

MAX_MEM: Final = 1 << 20  # bytes that RE2 may use for one pattern; there are some three hundred
SET_MAX_MEM: Final = 64 << 20  # for the set; it holds short phrases, and fills a few per cent of it

# Between two words of one sentence.
BETWEEN: Final = r"""(?:[ ,;:*"'()/&~]|-)+"""
# A word that ends no sentence, and the space after it.
WORD: Final = r"(?:[^ ]*[^ .!?] +)"


def options(max_mem: int) -> Any:
    """Return RE2's options; it writes nothing to stderr by itself."""
    chosen = re2.Options()
    chosen.max_mem = max_mem
    chosen.log_errors = False
    chosen.never_capture = True  # groups only hold together: where they stand would have to be found by slower means
    return chosen


def compiled(pattern: str) -> Any:
    """Return a compiled pattern of this package."""
    return re2.compile(pattern, options(MAX_MEM))


def together(patterns: Iterable[str]) -> Any:
    """Return a set that says which of the patterns match a text, by their numbers."""
    chosen = re2.Set.SearchSet(options(SET_MAX_MEM))
    for pattern in patterns:
        chosen.Add(pattern)
    chosen.Compile()
    return chosen


def words(alternatives: str) -> str:
    """Return a pattern for whole words or phrases, alternatives apart by `|`."""
    return rf"\b(?:{alternatives})\b"


def gap(most: int) -> str:
    """Return a pattern for what stands between two phrases: at most so many words, no end of a sentence."""
    return f"{BETWEEN}{WORD}{{0,{most}}}" if most else BETWEEN


def places(pattern: Any, text: str, most: int = MANY) -> list[Span]:
    """Return where a compiled pattern matches: the first `most` places, in characters; an empty match ends them."""
    encoded = text.encode()
    found = _places(pattern, encoded, most)
    return found if len(encoded) == len(text) else _in_characters(found, encoded)


def occurs(pattern: Any, text: str) -> bool:
    """Say whether a compiled pattern matches anywhere."""
    return pattern.search(text.encode()) is not None


def _places(pattern: Any, encoded: bytes, most: int) -> list[Span]:
    search, length = pattern._regexp.Match, len(encoded)  # noqa: SLF001
    found: list[Span] = []
    start, end = search(_ANYWHERE, encoded, 0, length)[0]
    while start < end and len(found) < most:  # (-1, -1) where nothing matches
        found.append((start, end))
        start, end = search(_ANYWHERE, encoded, end, length)[0]
    return found


def _in_characters(spans: Iterable[Span], encoded: bytes) -> list[Span]:
    """Return rising spans of bytes as spans of characters."""
    found: list[Span] = []
    byte = character = 0
    for start, end in spans:
        first = character + len(encoded[byte:start].decode())
        byte, character = end, first + len(encoded[start:end].decode())
        found.append((first, character))
    return found
