"""A circuit breaker: how calls ended in, whether the next one may be made out."""

from typing import Final

FAILURES: Final = 5  # one after the other: throttled, unreachable, access denied
# One after the other: answers of a wrong form, requests called invalid. More, because an odd text can cause one.
ODDITIES: Final = 25
PAUSE: Final = 15.0  # seconds until one call tries whether the other side is back


class Breaker:
    """Closed until too many calls in a row failed; then lets one through after each pause, until one succeeds."""

    def __init__(self, failures: int = FAILURES, oddities: int = ODDITIES, pause: float = PAUSE) -> None:
        self._most_failures = failures
        self._most_oddities = oddities
        self._pause = pause
        self._failures = 0
        self._oddities = 0
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Say whether calls are held back."""
        return self._open_until is not None

    def allows(self, now: float) -> bool:
        """Say whether a call may be made at `now`, in seconds; where it is open, the one that may is the probe."""
        if self._open_until is None:
            return True
        if now < self._open_until:
            return False
        self._open_until = now + self._pause  # a probe that never ends holds up no more than one pause
        return True

    def succeeded(self) -> None:
        """Note an answer: the other side works."""
        self._failures = self._oddities = 0
        self._open_until = None

    def failed(self, now: float) -> None:
        """Note a call that failed as every other one would."""
        self._failures += 1
        if self._failures >= self._most_failures:
            self._open_until = now + self._pause

    def puzzled(self, now: float) -> None:
        """Note an answer that is none, though it may be the content's doing."""
        self._oddities += 1
        if self._oddities >= self._most_oddities:
            self._open_until = now + self._pause
