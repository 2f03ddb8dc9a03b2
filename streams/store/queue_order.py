"""The order of a queue: a filter and the place of the last row in, stretches of an index one after another out.

Open items: the worst first, then the oldest. Closed ones: what was closed last first. All: the open ones before the
closed ones, both by harm. Each stretch can be read from an index in its order, wherever it begins: pages cost the same
however deep they are, and what cannot pass the filter for its harm is not walked past.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, FromClause, UnaryExpression, tuple_

from streams.core.harm_range import ALL, Range, ranges
from streams.core.queue_filter import Filter
from streams.store.cursor import Place
from streams.store.tables import found, item

Order = tuple[UnaryExpression[Any], ...]


class Keys(NamedTuple):
    """The columns that a queue is ordered by, wherever they stand."""

    open: ColumnElement[int]
    harm: ColumnElement[int]
    at: ColumnElement[int]
    id: ColumnElement[int]

    def named(self) -> list[Any]:
        """Return them under their names here."""
        return [column.label(name) for name, column in zip(Keys._fields, self, strict=True)]


OF_ITEM: Final = Keys(item.c.open, item.c.harm, item.c.opened_at, item.c.id)
OF_CLOSED: Final = OF_ITEM._replace(at=item.c.closed_at)
OF_FOUND: Final = Keys(found.c.open, found.c.harm, found.c.opened_at, found.c.item_id)


class Stretch(NamedTuple):
    """A part of a queue: which value of `open`, which harm, and after what; each as far as it is given."""

    open: int
    low: int | None = None
    high: int | None = None
    after: Place | None = None

    def conditions(self, keys: Keys) -> list[ColumnElement[bool]]:
        """Return what holds for the rows of this part."""
        asked: list[ColumnElement[bool]] = [keys.open == self.open]
        if self.low is not None and self.low == self.high:
            asked.append(keys.harm == self.low)
        else:
            asked += [keys.harm >= self.low] if self.low is not None else []
            asked += [keys.harm <= self.high] if self.high is not None else []
        if self.after is not None:
            here, there = tuple_(keys.at, keys.id), tuple_(self.after.at, self.after.id)
            asked.append(here < there if keys is OF_CLOSED else here > there)
        return asked


def order(wanted: Filter, keys: Keys) -> Order:
    """Return how the rows of a filter's queue follow each other within a stretch."""
    if wanted.status == "closed":
        return keys.at.desc(), keys.id.desc()
    return keys.harm.desc(), keys.at.asc(), keys.id.asc()


def of(rows: FromClause) -> Keys:
    """Return the columns of what was selected by `Keys.named`."""
    return Keys(*(rows.c[name] for name in Keys._fields))


def stretches(wanted: Filter, after: Place | None) -> Iterator[Stretch]:
    """Yield the parts of a filter's queue that come after a place, in order; all without a place."""
    if wanted.status == "closed":
        yield Stretch(0, after=after)
        return
    severities = tuple(None if name == "none" else name for name in wanted.severities)
    intervals = ranges(severities, wanted.min_confidence, wanted.max_confidence, escalated=wanted.escalated)
    for is_open in (1, 0) if wanted.status == "all" else (1,):
        if after is not None and after.open < is_open:
            continue
        place = None if after is None or after.open > is_open else after
        for interval in intervals:
            yield from _by_harm(is_open, interval, place)


def _by_harm(is_open: int, interval: Range, after: Place | None) -> Iterator[Stretch]:
    low, high = interval
    if after is not None:
        if low <= after.harm <= high:
            yield Stretch(is_open, after.harm, after.harm, after)
        high = min(high, after.harm - 1)
    if low <= high:
        yield Stretch(is_open, low if low > ALL[0] else None, high if high < ALL[1] else None)
