"""Bounded memories: the last values by key, of which the longest unused goes; the answer to the last question."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers at most `most` values; 0 remembers none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value of a key, None when it is not remembered."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> V:
        """Remember a value and return it."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        """Return how many values are remembered."""
        return len(self._values)


class Last(Generic[K, V]):
    """Answers a question, and at once when it is the same as the one before: for engines that look at one batch."""

    def __init__(self, answer: Callable[[K], V]) -> None:
        self._answer = answer
        self._last: tuple[K, V] | None = None

    def __call__(self, question: K) -> V:
        """Return the answer. Thread-safe, where the answer is."""
        last = self._last
        if last is not None and last[0] == question:
            return last[1]
        answer = self._answer(question)
        self._last = question, answer
        return answer
