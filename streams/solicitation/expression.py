"""Regular expressions in linear time, and the pieces that patterns for running text are made of."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import re2

from streams.core.span import Span

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


def places(pattern: Any, text: str) -> Iterator[Span]:
    """Yield where a compiled pattern matches; RE2 counts bytes, which is faster where a byte is a character."""
    for match in pattern.finditer(text.encode() if text.isascii() else text):
        yield match.span()


def occurs(pattern: Any, text: str) -> bool:
    """Say whether a compiled pattern matches anywhere."""
    return pattern.search(text.encode()) is not None
