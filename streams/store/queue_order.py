"""The order of a queue: a filter and the place of the last row in, stretches of an index one after another out.

Open items: the worst first, then the oldest. Closed ones: what was closed last first. All: the open ones before the
closed ones, both by harm. Each stretch can be read from an index in its order, wherever it begins: pages cost the same
however deep they are, and what cannot pass the filter for its harm is not walked past.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, UnaryExpression, tuple_

from streams.core.harm_range import ALL, Range, ranges
from streams.core.queue_filter import Filter
from streams.store.cursor import Place
from streams.store.tables import item

COLUMNS: Final = (item.c.id, item.c.open, item.c.harm, item.c.opened_at, item.c.closed_at)
_OLDEST: Final = (item.c.opened_at.asc(), item.c.id.asc())


class Stretch(NamedTuple):
    """A part of a queue: what holds for its items, and their order."""

    conditions: tuple[ColumnElement[bool], ...]
    order: tuple[UnaryExpression[Any], ...]


def stretches(wanted: Filter, after: Place | None) -> Iterator[Stretch]:
    """Yield the parts of a filter's queue that come after a place, in order; all without a place."""
    if wanted.status == "closed":
        yield _closed(after)
        return
    for is_open in (1, 0) if wanted.status == "all" else (1,):
        if after is not None and after.open < is_open:
            continue
        place = None if after is None or after.open > is_open else after
        for within in _ranges(wanted):
            yield from _by_harm(is_open, within, place)


def place_of(wanted: Filter, key: Any) -> Place:
    """Return the place of a row of COLUMNS in the queue of a filter."""
    at = key.closed_at if wanted.status == "closed" else key.opened_at
    return Place(key.open, key.harm, at, key.id)


def _closed(after: Place | None) -> Stretch:
    conditions: tuple[ColumnElement[bool], ...] = (item.c.open == 0,)
    if after is not None:
        conditions = (*conditions, tuple_(item.c.closed_at, item.c.id) < (after.at, after.id))
    return Stretch(conditions, (item.c.closed_at.desc(), item.c.id.desc()))


def _ranges(wanted: Filter) -> tuple[Range, ...]:
    severities = tuple(None if name == "none" else name for name in wanted.severities)
    return ranges(severities, wanted.min_confidence, wanted.max_confidence, escalated=wanted.escalated)


def _by_harm(is_open: int, within: Range, after: Place | None) -> Iterator[Stretch]:
    low, high = within
    conditions: tuple[ColumnElement[bool], ...] = (item.c.open == is_open,)
    if after is not None:
        if low <= after.harm <= high:
            later = tuple_(item.c.opened_at, item.c.id) > (after.at, after.id)
            yield Stretch((*conditions, item.c.harm == after.harm, later), _OLDEST)
        high = min(high, after.harm - 1)
    if high < low:
        return
    if low > ALL[0]:
        conditions = (*conditions, item.c.harm >= low)
    if high < ALL[1]:
        conditions = (*conditions, item.c.harm <= high)
    yield Stretch(conditions, (item.c.harm.desc(), *_OLDEST))
