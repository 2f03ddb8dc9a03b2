"""A budget of calls per minute: the loop's time in, whether one more call may be made out. A token bucket."""


class Budget:
    """Refills evenly; a quiet minute saves up at most one minute's calls."""

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._left = self._most
        self._at: float | None = None  # seconds, when it was last refilled

    def take(self, now: float) -> bool:
        """Take one call, at `now` in seconds of a clock that never goes back; False where none is left."""
        if self._at is not None:
            self._left = min(self._most, self._left + (now - self._at) * self._most / 60)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
