"""Standings, followed from `standings`: a user in, what lies upon him out.

Every worker that judges has them whole, in memory: of users of whom something holds, nobody else is on the topic.
"""

import asyncio
import logging
from collections.abc import Callable
from time import time
from typing import Final

from streams.adapters.reading import Reading
from streams.adapters.registry import Registry
from streams.adapters.wire import Reader
from streams.core.arrival import StandingOf
from streams.core.restriction import Standing
from streams.core.standing_state import holds
from streams.runtime.follow import Follower

PATIENCE: Final = 60.0  # seconds for reading the topic when a worker starts
SWEEP: Final = 3600.0  # seconds between two looks for what has ended

log = logging.getLogger(__name__)


class Standings:
    """What one worker knows of users; the last word on each counts."""

    def __init__(
        self, reader: Reader[Standing], registry: Registry | None = None, clock: Callable[[], float] = time
    ) -> None:
        """Take a clock that gives seconds since 1970."""
        self._read = Reading(reader, registry, "a standing")
        self._clock = clock
        self._users: dict[str, Standing] = {}
        self._swept = clock()
        self.whole = asyncio.Event()  # set when all that was published before is known

    def __len__(self) -> int:
        """Return how many users are known."""
        return len(self._users)

    async def ready(self) -> StandingOf:
        """Return what tells what lies upon a user, once all that was published before is known; raise TimeoutError.

        Who judged before would let restricted users through.
        """
        if not self.whole.is_set():
            async with asyncio.timeout(PATIENCE):
                await self.whole.wait()
        return self.of

    def of(self, user_id: str) -> Standing | None:
        """Return what lies upon a user, None where nothing does."""
        return self._users.get(user_id)

    async def follow(self, follower: Follower) -> None:
        """Follow the topic until cancelled; `follower` hands its values to `keep`."""
        try:
            await follower.start()
            self.whole.set()
            log.info("%d users have a standing", len(self))
            await follower.run()
        finally:
            await follower.stop()

    async def keep(self, key: bytes, value: bytes | None) -> None:
        """Remember the record of a user, or forget him; what cannot be read is logged and changes nothing."""
        now = self._clock()
        if now - self._swept > SWEEP:
            self._swept = now
            self._users = {user: one for user, one in self._users.items() if holds(one, int(now * 1000))}
        if value is None:
            self._users.pop(key.decode(errors="replace"), None)
            return
        standing = await self._read(value)
        if standing is None:
            return
        if holds(standing, int(now * 1000)):
            self._users[standing.user_id] = standing
        else:
            self._users.pop(standing.user_id, None)
