"""The audit log verified: the store, the checkpoints and the public keys in, what holds and what does not out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from streams.core.audit import CHAINS, Chain
from streams.core.chain_check import Mark
from streams.core.checkpoint import Signed, unlinked
from streams.review.checkpoints import Checkpoints
from streams.review.signing import Keys, signs
from streams.store.checking import checked, length
from streams.store.database import Database

# How many there are -> what hears, while the block runs, how many more are done.
Counting = Callable[[int], AbstractContextManager[Callable[[int], None]]]


@contextmanager
def _uncounted(_total: int) -> Iterator[Callable[[int], None]]:
    yield lambda _done: None


class Audited(NamedTuple):
    """What became of a chain's verification."""

    chain: Chain
    records: int  # that hold
    texts: int  # of people, that are there as they were written
    erased: int  # of people, that were erased
    checkpoints: int  # that hold
    broken: str | None  # one line that locates where it is broken first


def audited(
    database: Database,
    place: Checkpoints,
    keys: Keys,
    counting: Counting = _uncounted,
) -> list[Audited]:
    """Verify every chain; `counting` takes how many records there are, and gives what hears how many are done.

    Raises what the place and the database raise.
    """
    kept = place.read().checkpoints  # before the store is looked at: see `checked`
    results = []
    with database.reading() as connection, counting(sum(length(connection, one) for one in CHAINS)) as advance:
        for chain in CHAINS:
            own = [one for one in kept if one.chain == chain]
            found = checked(connection, chain, [Mark(one.seq, one.hash) for one in own if signs(keys, one)], advance)
            broken = str(found.broken) if found.broken is not None else _unsigned(chain, own, keys)
            results.append(Audited(chain, found.records, found.texts, found.erased, found.checkpoints, broken))
    return results


def wrong(results: list[Audited]) -> Mapping[str, str]:
    """Return the chains that are broken, with the line that locates it."""
    return {one.chain: one.broken for one in results if one.broken is not None}


def _unsigned(chain: Chain, checkpoints: list[Signed], keys: Keys) -> str | None:
    """Return what is wrong with checkpoints that the records do not contradict."""
    for one in sorted(checkpoints, key=lambda one: one.seq):
        if not signs(keys, one):
            return f"{chain}: checkpoint of record {one.seq}: not signed by a key that was given ({one.key_id})"
    one_without = unlinked(checkpoints)
    if one_without is not None:
        return f"{chain}: checkpoint of record {one_without.seq}: the one before it was taken out"
    return None
