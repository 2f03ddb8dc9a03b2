"""What rulings say of a rule: how often it was confirmed in, its precision and a threshold that it suggests out.

Only what came to a person counts: of what a rule let pass, rulings say nothing. So a suggested threshold is never below
the smallest confidence that was ruled on.
"""

from collections.abc import Iterable
from itertools import groupby
from math import sqrt
from typing import Final, Literal, NamedTuple

import msgspec

from streams.core.finding import Confidence

TARGET: Final = 0.9  # precision that a suggested threshold has at least
LEAST: Final = 30  # rulings from which on a share says something: its interval is then at most 0.35 wide
Z: Final = 1.959964  # of the standard normal distribution: intervals hold the true value 95 times in a hundred
TENTHS: Final = 10  # of a point of confidence, to which confidences are counted

Lacking = Literal[
    "not_enough_rulings",  # fewer than the least number
    "no_confidences",  # the rule's findings have a severity only
    "none_as_precise",  # no threshold with enough rulings reaches the target
]


class Counted(NamedTuple):
    """How rulings ended on what one rule found with one confidence."""

    policy_id: str
    engine: str
    rule: str
    label: str
    tenths: int | None  # of the confidence, rounded down: 953 is 95.3 to 95.4; None without one
    confirmed: int
    overruled: int


class Share(msgspec.Struct, frozen=True):
    """How often a person confirmed what was found."""

    confirmed: int
    overruled: int
    precision: float | None  # confirmed of both, 0..1; None without rulings
    low: float  # Wilson's interval, 95 %, 0..1
    high: float


class Suggestion(msgspec.Struct, frozen=True):
    """The smallest confidence from which on rulings confirm often enough, and what they say of all above and below."""

    threshold: Confidence
    above: Share
    below: Share  # would not be found any more


class RulePrecision(msgspec.Struct, frozen=True):
    """What rulings say of one rule and label."""

    policy_id: str
    engine: str
    rule: str
    label: str
    share: Share
    suggestion: Suggestion | None
    lacking: Lacking | None  # why there is no suggestion


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the interval, within 0..1, that holds the true share where `hits` of `total` were counted.

    Wilson's score interval, which holds for small counts and for shares near 0 and 1; without counts, all of it.
    """
    if not total:
        return 0.0, 1.0
    share, square = hits / total, Z * Z
    middle = share + square / (2 * total)
    half = Z * sqrt((share * (1 - share) + square / (4 * total)) / total)
    low, high = (middle - half) / (1 + square / total), (middle + half) / (1 + square / total)
    # Rounding must not move the ends past what was counted.
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def share_of(confirmed: int, overruled: int) -> Share:
    """Return the share of these counts."""
    total = confirmed + overruled
    return Share(confirmed, overruled, confirmed / total if total else None, *wilson(confirmed, total))


def precisions(counted: Iterable[Counted], target: float = TARGET, least: int = LEAST) -> tuple[RulePrecision, ...]:
    """Return what counts say of each policy, engine, rule and label, in this order.

    `target` is the precision of a suggested threshold, 0..1; `least` the rulings above it, and of the rule in all.
    """
    ordered = sorted(counted, key=lambda each: (each[:4], each.tenths is not None, each.tenths or 0))
    return tuple(_of(name, tuple(group), target, least) for name, group in groupby(ordered, lambda each: each[:4]))


def _of(name: tuple[str, str, str, str], counts: tuple[Counted, ...], target: float, least: int) -> RulePrecision:
    share = share_of(sum(each.confirmed for each in counts), sum(each.overruled for each in counts))
    known = [each for each in counts if each.tenths is not None]
    suggestion: Suggestion | None = None
    lacking: Lacking | None = None
    if share.confirmed + share.overruled < least:
        lacking = "not_enough_rulings"
    elif not known:
        lacking = "no_confidences"
    else:
        suggestion = _suggested(known, target, least)
        lacking = None if suggestion else "none_as_precise"
    return RulePrecision(*name, share, suggestion, lacking)


def _suggested(known: list[Counted], target: float, least: int) -> Suggestion | None:
    """Return the lowest threshold at which enough was ruled on and confirmed; counts ascend by confidence."""
    confirmed, overruled = sum(each.confirmed for each in known), sum(each.overruled for each in known)
    confirmed_below = overruled_below = 0
    for tenths, group in groupby(known, lambda each: each.tenths or 0):
        if confirmed + overruled < least:
            return None
        if confirmed / (confirmed + overruled) >= target:
            below = share_of(confirmed_below, overruled_below)
            return Suggestion(tenths / TENTHS, share_of(confirmed, overruled), below)
        for each in group:
            confirmed, confirmed_below = confirmed - each.confirmed, confirmed_below + each.confirmed
            overruled, overruled_below = overruled - each.overruled, overruled_below + each.overruled
    return None
