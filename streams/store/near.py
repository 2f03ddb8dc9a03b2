"""Pictures that look alike: PDQ hashes are remembered by their parts; a hash in, known ones at most 31 bits away out.

A hash of 256 bits has 16 parts of 16 bits. Of two that differ in at most 31 bits one part differs in one bit or none:
to look 17 values up for each part finds every one of them, and one in some hundred of the others. They are hashes of
listed pictures, of which items have copies: as many as lists are long, and nobody's content.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Final

from sqlalchemy import Connection, select

from streams.store.statements import upsert
from streams.store.tables import likeness

WITHIN: Final = 31  # bits; as streams/vision/pdq.MAX_DISTANCE, which this package cannot ask: it needs no pictures
MOST: Final = 1000  # hashes of an answer, the closest
PARTS: Final = 16
BITS: Final = 16  # of a part
DIGITS: Final = BITS // 4
LENGTH: Final = PARTS * DIGITS

_FLIPS: Final = (0, *(1 << bit for bit in range(BITS)))


def remember(connection: Connection, hashes: Iterable[str]) -> None:
    """Remember hashes, 64 hexadecimal digits each; those that are known stay, what is no hash is left out."""
    rows = [{"part": part, "pdq": pdq} for pdq in sorted(set(hashes)) for part in _parts(pdq)]
    upsert(connection, likeness, rows, ("part", "pdq"), ())


def near(connection: Connection, pdq: str) -> tuple[str, ...]:
    """Return the remembered hashes at most WITHIN bits from one, itself included, the closest first."""
    asked = list(chain.from_iterable((part ^ flip for flip in _FLIPS) for part in _parts(pdq)))
    if not asked:
        return ()
    value = int(pdq, 16)
    known = connection.scalars(select(likeness.c.pdq).where(likeness.c.part.in_(asked)).distinct())
    close = sorted((distance, other) for other in known if (distance := (int(other, 16) ^ value).bit_count()) <= WITHIN)
    return tuple(other for _, other in close[:MOST])


def _parts(pdq: str) -> list[int]:
    """Return the parts of a hash, each with its number above its bits; none of what is no hash."""
    try:
        return [
            (number << BITS) + int(pdq[DIGITS * number : DIGITS * (number + 1)], 16)
            for number in range(PARTS if len(pdq) == LENGTH else 0)
        ]
    except ValueError:
        return []
