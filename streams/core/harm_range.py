"""Where in the order by harm items can stand: what is asked of them in, intervals of their rank out, the worst first.

A queue that wants low severity only need not walk past everything that is worse: it begins where such items begin.
"""

from collections.abc import Collection
from itertools import product
from math import nextafter
from typing import Final

from streams.core.harm import MOST_ENGINES, PRIORITIES, SURE, harm, rank_of
from streams.core.label import SEVERITIES

Range = tuple[int, int]  # lowest and highest harm, both of it

HIGHEST: Final = 100.0  # confidence
ESCALATED: Final = harm(None, None, 0, escalated=True)  # the lowest harm of what is escalated
WORST: Final = harm(SEVERITIES[-1], HIGHEST, MOST_ENGINES, escalated=True, priority=PRIORITIES - 1)
ALL: Final[Range] = (0, WORST)

_RANKED: Final = (None, *SEVERITIES)
_SEVERE: Final = rank_of("high")
_UNSURE: Final = nextafter(SURE, 0.0)
_PRIORITIES: Final = (*reversed(range(PRIORITIES)), None)  # None: of what is not escalated


def ranges(
    severities: Collection[str | None] = (),
    least: float | None = None,
    most: float | None = None,
    *,
    escalated: bool | None = None,
) -> tuple[Range, ...]:
    """Return disjoint intervals, the worst first, that hold the harm of every item of which this is true.

    `severities`: one of these, None for an item without any; empty, all. `least` and `most`: confidence in 0..100; with
    either it is known. Few other items lie in the intervals: those whose confidence is a bound's but for rounding.
    """
    any_confidence = least is None and most is None
    found: list[Range] = []
    joined = False  # to the interval before, which begins where the next one ends
    for priority, (severity, low, high) in product(_PRIORITIES, reversed(_cells())):
        start, end = max(low, least or 0.0), min(high, HIGHEST if most is None else most)
        asked = escalated is None or escalated == (priority is not None)
        if not asked or start > end or (severities and severity not in severities):
            joined = False
            continue
        lowest = None if any_confidence and low == 0.0 else start
        interval = (_harm(severity, lowest, 0, priority), _harm(severity, end, MOST_ENGINES, priority))
        if joined and end == high:
            interval = (interval[0], found.pop()[1])
        found.append(interval)
        joined = lowest is None or start == low > 0.0
    return tuple(found)


def _harm(severity: str | None, confidence: float | None, found_by: int, priority: int | None) -> int:
    return harm(severity, confidence, found_by, escalated=priority is not None, priority=priority or 0)


def _cells() -> list[tuple[str | None, float, float]]:
    """Return severity, lowest and highest confidence of what ranks one after another, the least harm first."""
    cells = []
    for severity, (low, high) in product(_RANKED, ((0.0, _UNSURE), (SURE, HIGHEST))):
        if rank_of(severity) < _SEVERE:
            cells.append((severity, low, high))
        elif low == 0.0:
            cells.append((severity, low, HIGHEST))
    return sorted(cells, key=lambda cell: harm(cell[0], cell[1], 0))
