"""Spans of a text, and masking: what was found is replaced, everything else stays as it was."""

from collections.abc import Iterable
from typing import Final

Span = tuple[int, int]  # [start, end) in characters
MASK: Final = "****"


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, with those that overlap made one; empty spans are left out."""
    result: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with each merged span replaced by `****`."""
    parts: list[str] = []
    position = 0
    for start, end in merged(spans):
        parts += text[position:start], MASK
        position = end
    parts.append(text[position:])
    return "".join(parts)
