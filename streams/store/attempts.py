"""The limit on sign-ins: who tries, from where, in; how long he must wait out. It slows guessing and locks nobody out.

Three counts of what failed lately: of an account from one place, of a place, of an account. The first bounds who
guesses one password; the others who guesses at many accounts or from many places, and each waits at most a minute. A
browser that signed in to the account before is a place of its own, known by a signed cookie: whatever others try,
only its own failures count against it.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from streams.store.tables import attempt

WINDOW_MS: Final = 3_600_000  # for which a failure counts
KNOWN: Final = "known:"  # in front of a browser that signed in before

# Failures that cost nothing, then the wait doubles from a second to the longest, milliseconds.
PAIR_FREE: Final = 5
PAIR_LONGEST_MS: Final = 900_000
MANY_FREE: Final = 20
MANY_LONGEST_MS: Final = 60_000
COUNTED: Final = 64  # failures that are looked at: the wait is at its longest long before


def place_of(address: str) -> str:
    """Return the place that an address stands for: of IPv6 the network of 64 bits, which one customer has."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def begun(connection: Connection, account: str, place: str, now: int) -> int:
    """Note a sign-in as failed until `succeeded` takes it back; return 0, or milliseconds to wait, and it is not noted.

    `place` is a `place_of`, or `KNOWN` and what tells a browser from others.
    """
    _forget(connection, account, place, now)
    by_account, by_place = attempt.c.account == account, attempt.c.address == place
    waits = [_wait(_times(connection, now, by_account, by_place), PAIR_FREE, PAIR_LONGEST_MS, now)]
    if not place.startswith(KNOWN):
        strangers = ~attempt.c.address.startswith(KNOWN, autoescape=True)
        waits.append(_wait(_times(connection, now, by_place), MANY_FREE, MANY_LONGEST_MS, now))
        waits.append(_wait(_times(connection, now, by_account, strangers), MANY_FREE, MANY_LONGEST_MS, now))
    if wait := max(waits):
        return wait
    connection.execute(insert(attempt).values(account=account, address=place, at=now))
    return 0


def succeeded(connection: Connection, account: str, place: str) -> None:
    """Forget what failed from a place for an account which signed in there."""
    connection.execute(delete(attempt).where(attempt.c.account == account, attempt.c.address == place))


def swept(connection: Connection, now: int) -> int:
    """Remove failures that count no more; return how many."""
    return connection.execute(delete(attempt).where(attempt.c.at <= now - WINDOW_MS)).rowcount


def _forget(connection: Connection, account: str, place: str, now: int) -> None:
    for mine in (attempt.c.account == account, attempt.c.address == place):
        connection.execute(delete(attempt).where(mine, attempt.c.at <= now - WINDOW_MS))


def _times(connection: Connection, now: int, *conditions: object) -> Sequence[int]:
    query = select(attempt.c.at).where(attempt.c.at > now - WINDOW_MS, *conditions)  # type: ignore[arg-type]
    return connection.execute(query.order_by(attempt.c.at.desc()).limit(COUNTED)).scalars().all()


def _wait(times: Sequence[int], free: int, longest: int, now: int) -> int:
    """Return the milliseconds until the next try; `times` of failures, newest first."""
    if len(times) < free:
        return 0
    pause: int = min(1000 << (len(times) - free), longest)
    return max(0, times[0] + pause - now)
