"""Moments on a command line: `7d`, `36h`, `90m` before now, or a date with or without a time, in UTC unless it says."""

import re
from datetime import UTC, datetime
from typing import Any, Final

import click

from streams.core.duration import duration_ms
from streams.core.moment import milliseconds

AGO: Final = re.compile(r"[0-9]{1,6}(ms|s|m|h|d)")


class Moment(click.ParamType):
    """Gives milliseconds since 1970, or how many before now as a negative number."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a duration or a date."""
        if isinstance(value, int):
            return value
        if AGO.fullmatch(value):
            return -duration_ms(value)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no moment: write 7d, 36h, 90m, 2026-01-31 or 2026-01-31T12:00:00+01:00", param, ctx
            )
        return milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


class Duration(click.ParamType):
    """Gives milliseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a duration."""
        if isinstance(value, int):
            return value
        if not AGO.fullmatch(value):
            self.fail(f"{value!r} is no duration: write 30s, 5m, 2h or 1d", param, ctx)
        return duration_ms(value)


def moment(given: int, now: int) -> int:
    """Return what `Moment` gave as milliseconds since 1970."""
    return given if given > 0 else max(0, now + given)
