"""What was made of pictures, kept for a while within a number of bytes; the longest unasked for goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class _Entry(NamedTuple, Generic[T]):
    value: T
    size: int
    until: float


class Kept(Generic[T]):
    """A bounded memory. For one thread."""

    def __init__(self, limit: int, age: float, clock: Callable[[], float] = monotonic) -> None:
        """Take the most bytes, the seconds after which a value is made anew, and a clock of seconds."""
        self._limit, self._age, self._clock = limit, age, clock
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self.size = 0  # bytes

    def get(self, key: Hashable) -> T | None:
        """Return a value; None for one that is not there, or too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock() >= entry.until:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Keep a value of so many bytes; one that is larger than all may be is not kept."""
        self._drop(key)
        if size > self._limit:
            return
        self._entries[key] = _Entry(value, size, self._clock() + self._age)
        self.size += size
        while self.size > self._limit:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size
