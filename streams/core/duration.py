"""Durations as a policy writes them: `500ms`, `30s`, `2m`, `1h`, `90d`."""

from typing import Final

MILLISECONDS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: str) -> int:
    """Return `500ms`, `30s`, `2m`, `1h` or `90d` in milliseconds."""
    number = text.rstrip("dhms")
    return int(number) * MILLISECONDS[text[len(number) :]]
