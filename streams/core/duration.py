"""Durations as a policy writes them: `500ms`, `30s`, `2m`."""

from typing import Final

MILLISECONDS: Final = {"ms": 1, "s": 1000, "m": 60_000}


def duration_ms(text: str) -> int:
    """Return `500ms`, `30s` or `2m` in milliseconds."""
    number = text.rstrip("ms")
    return int(number) * MILLISECONDS[text[len(number) :]]
