"""Numbers, times and names in, the words that a page shows out."""

from datetime import datetime
from typing import Final

from streams.core.harm import SURE
from streams.core.moment import EPOCH, MILLISECOND, iso, milliseconds
from streams.core.rights import Grant
from streams.core.shown import named

MEDIUM: Final = 70.0  # confidence from which the band is `medium`; from SURE on it is `high`
UNITS: Final = ((365 * 86_400_000, "y"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "min"))


def age(ms: int, now: int) -> str:
    """Return how far a moment is from now in its largest unit: `3 h`; `now` below a minute. As static/times.js."""
    gone = abs(now - ms)
    return next((f"{gone // size} {unit}" for size, unit in UNITS if gone >= size), "now")


def words(name: str) -> str:
    """Return a name of ours as words: `shadow_block` as `shadow block`."""
    return name.replace("_", " ")


def percent(value: float) -> str:
    """Return a confidence, 0..100, with a decimal where it has one: never rounded up into the next band."""
    return f"{int(value * 10) / 10:g}"


def band(confidence: float | None) -> str:
    """Return the band of a confidence, 0..100; empty without one."""
    if confidence is None:
        return ""
    return "high" if confidence >= SURE else "medium" if confidence >= MEDIUM else "low"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def moment_of(text: str, otherwise: int = 0) -> int:
    """Return a time in ISO 8601 as milliseconds since 1970; another time for a text that is none."""
    try:
        return milliseconds(datetime.fromisoformat(text))
    except (ValueError, TypeError):  # without a time zone it is no moment
        return otherwise


def field_time(ms: int | None) -> str:
    """Return a moment as a browser's field for times wants it, in UTC; empty for none."""
    return "" if ms is None else iso(ms)[:16]


def field_moment(text: str) -> int:
    """Return the milliseconds since 1970 of what such a field holds, or of digits; raise ValueError for neither."""
    if text.isascii() and text.isdigit():
        return int(text)
    return (datetime.fromisoformat(text).replace(tzinfo=EPOCH.tzinfo) - EPOCH) // MILLISECOND


def grant_told(grant: Grant) -> str:
    """Return a role and over what it holds."""
    parts = [
        f"{noun} {', '.join(named(value) or 'none' for value in values)}"
        for noun, values in (("tenants", grant.tenants), ("labels", grant.labels))
        if values is not None
    ]
    return f"{grant.role}: {'; '.join(parts)}" if parts else f"{grant.role} of everything"
