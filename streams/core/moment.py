"""Moments: milliseconds since 1970 inside, UTC ISO 8601 with milliseconds outside."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def iso(ms: int) -> str:
    """Return milliseconds since 1970 as `2026-01-31T12:00:00.000Z`."""
    return (EPOCH + ms * MILLISECOND).isoformat(timespec="milliseconds")[:-6] + "Z"


def milliseconds(moment: datetime) -> int:
    """Return a moment with a time zone as milliseconds since 1970."""
    return (moment - EPOCH) // MILLISECOND


def since_epoch(moment: datetime | None) -> int | None:
    """Return a moment as milliseconds since 1970, 0 for one before that, None for none."""
    return None if moment is None else max(0, milliseconds(moment))
