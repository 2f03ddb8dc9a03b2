"""A rate of requests that several workers share: returns when this one may make its next. A token bucket."""

import asyncio
from collections.abc import Callable
from typing import Final

LEAST_SHARE: Final = 0.001  # of a worker that has just lost its partitions: it makes no more than what it began


class Rate:
    """At most `per_second` requests over all workers, this one's part being `share`, above 0 and at most 1.

    A quiet second saves up at most one second's requests.
    """

    def __init__(self, per_second: float, share: Callable[[], float]) -> None:
        self._per_second = per_second
        self._share = share  # asked at each request: partitions move
        self._left = 1.0
        self._at: float | None = None
        self._turn = asyncio.Lock()  # those who wait go in the order in which they came

    async def __call__(self) -> None:
        """Return when one more request may be made."""
        clock = asyncio.get_running_loop().time
        async with self._turn:
            # Once may not be enough: a share that shrank meanwhile, a clock that ticks coarsely.
            while True:
                missing = 1 - self._refilled(clock())
                if missing <= 0:
                    break
                await asyncio.sleep(missing / self._speed)
            self._left -= 1

    @property
    def _speed(self) -> float:
        return self._per_second * max(LEAST_SHARE, self._share())

    def _refilled(self, now: float) -> float:
        """Return how many requests may be made at `now`, in seconds of a clock that never goes back."""
        if self._at is not None:
            self._left = min(max(1.0, self._speed), self._left + (now - self._at) * self._speed)
        self._at = now
        return self._left
