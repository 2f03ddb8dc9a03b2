"""The signer: the ends of the audit chains in, now and then, signed checkpoints of them out.

What was signed before must still be there: a chain that was cut or told anew is not signed any more, and that is told.
"""

import logging
from collections.abc import Callable
from threading import Event
from typing import Final

from sqlalchemy import Connection

from streams.adapters.locked_bucket import Unlocked, Unreached
from streams.core.audit import CHAINS, GENESIS, Chain, Head
from streams.core.checkpoint import Checkpoint, Signed, last_of
from streams.review.checkpoints import Checkpoints, There, Unkept
from streams.review.health import Health
from streams.review.signing import AuditKey
from streams.review.standing_by import Backing, Lease, standing_by
from streams.store.auditing import head_of, records
from streams.store.database import Database

SIGNER: Final = "signer"  # its lease, too
PERIOD: Final = 1.0  # seconds between two looks

log = logging.getLogger(__name__)


class Signer:
    """Signs a chain every so many records, and every so many milliseconds in which there were any."""

    def __init__(
        self,
        database: Database,
        place: Checkpoints,
        key: AuditKey,
        *,
        every_records: int,
        every_ms: int,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._place = place
        self._key = key
        self._every_records = every_records
        self._every_ms = every_ms
        self._clock = clock
        self._last: dict[Chain, Signed | None] | None = None  # as far as we know
        self._refused: set[Chain] = set()

    def run(self, stop: Event, lease: Lease, health: Health) -> None:
        """Sign whenever the lease is held, until `stop` is set."""
        standing_by(lease, stop, health, lambda: self._work(stop, lease, health))

    def sign(self) -> list[Signed]:
        """Sign what is due; return what was signed. Raises what the place and the database raise."""
        if self._last is None:
            kept = self._place.read().checkpoints
            self._last = {chain: last_of(kept, chain) for chain in CHAINS}
        with self._database.reading() as connection:
            due = [self._due(connection, chain, self._last[chain]) for chain in CHAINS]
        made: list[Signed] = []
        for one in due:
            if one is None:
                continue
            checkpoint = self._key.sign(one[1])
            try:
                self._place.add(checkpoint)
            except There:  # ours, of which the answer was lost; or another signer's
                self._last = None
                return made
            self._last[one[0]] = checkpoint
            made.append(checkpoint)
        return made

    def _work(self, stop: Event, lease: Lease, health: Health) -> None:
        self._last = None  # another one may have signed since
        failing = Backing(stop)
        while not stop.is_set():
            lease.keep()
            try:
                self.sign()
            except (Unkept, Unlocked, Unreached) as error:
                # Moderators go on: what they do is in the log, and signed later.
                log.warning("checkpoints of the audit log: %s", error)
                failing.wait()
                continue
            failing.reset()
            health.well(lease.name)
            stop.wait(min(PERIOD, lease.wait))

    def _due(self, connection: Connection, chain: Chain, last: Signed | None) -> tuple[Chain, Checkpoint] | None:
        head, now = head_of(connection, chain), self._clock()
        if not self._follows(connection, chain, head, last):
            if chain not in self._refused:
                log.error("%s: no longer what was signed: see `moderation audit verify`; not signed any more", chain)
            self._refused.add(chain)
            return None
        new = head.seq - (0 if last is None else last.seq)
        waited = self._every_ms if last is None else now - last.at
        if not new or (new < self._every_records and waited < self._every_ms):
            return None
        previous = GENESIS if last is None else last.digest()
        made = Checkpoint(chain=chain, seq=head.seq, hash=head.hash, at=now, key_id=self._key.id, previous=previous)
        return chain, made

    @staticmethod
    def _follows(connection: Connection, chain: Chain, head: Head, last: Signed | None) -> bool:
        """Say whether the record that was signed last is still there, as it was."""
        if last is None:
            return True
        there = [record.hash for batch in records(connection, chain, last.seq, last.seq) for record in batch]
        return there == [last.hash] and head.seq >= last.seq
