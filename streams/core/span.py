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


def capped(spans: Iterable[Span], most: int) -> list[Span]:
    """Return at most `most` different spans in order; the last one reaches over all that had to be left out.

    So what is listed covers everything that was found, and a mask hides it.
    """
    ordered = sorted(set(spans))
    if len(ordered) <= most:
        return ordered
    kept = ordered[:most]
    kept[-1] = (kept[-1][0], max(end for _, end in ordered[most - 1 :]))
    return kept


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with each merged span replaced by `****`."""
    parts: list[str] = []
    position = 0
    for start, end in merged(spans):
        parts += text[position:start], MASK
        position = end
    parts.append(text[position:])
    return "".join(parts)
