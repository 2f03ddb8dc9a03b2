"""Moments: milliseconds since 1970 inside, UTC ISO 8601 with milliseconds outside."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def iso(ms: int) -> str:
    """Return milliseconds since 1970 as `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def milliseconds(moment: datetime) -> int:
    """Return a moment with a time zone as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)
