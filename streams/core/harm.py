"""Harm: what is known of a review item in, one number out by which queues are ordered, the worst first.

Escalated before all, then critical, then what is of high severity or of a confidence of 95 and more (pictures have
no severity); then severity, confidence and how many engines found something. Age breaks ties, it is no part of it.
"""

from typing import Final

from streams.core.label import SEVERITIES

SURE: Final = 95.0  # confidence of the band `high`
PRIORITIES: Final = 4
MOST_ENGINES: Final = 31
RANKS: Final = 1 + len(SEVERITIES)
BELOW_RANK: Final = 1001 * (MOST_ENGINES + 1)  # harm // BELOW_RANK % RANKS is the rank of the severity


def rank_of(severity: str | None) -> int:
    """Return 0 without a severity, 1 for `low` to 4 for `critical`."""
    return 0 if severity is None else SEVERITIES.index(severity) + 1


def harm(
    severity: str | None, confidence: float | None, found_by: int, *, escalated: bool = False, priority: int = 0
) -> int:
    """Return the rank of an item: larger is worse, below 2**31.

    `confidence` in 0..100; `found_by` is how many engines found something, from 32 on they count as 31; `priority` in
    0..3 counts where the item is escalated. Any confidence counts more than none.
    """
    rank = rank_of(severity)
    pressing = rank == rank_of("high") or (confidence or 0.0) >= SURE
    urgency = 2 if rank == rank_of("critical") else int(pressing)
    number = 1 + min(priority, PRIORITIES - 1) if escalated else 0
    sure = 0 if confidence is None else max(1, round(confidence * 10))
    for value, places in ((urgency, 3), (rank, RANKS), (sure, 1001), (min(found_by, MOST_ENGINES), MOST_ENGINES + 1)):
        number = number * places + value
    return number
