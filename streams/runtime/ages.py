"""When each key was last written, in that order: idle keys are found without looking at the whole table."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import islice, takewhile


class Ages:
    """Keys of one partition in the order of their last write; times in milliseconds since 1970.

    `idle_of` tells how many milliseconds a key may be idle. It has few values: keys of one value are kept together.
    """

    def __init__(self, idle_of: Callable[[bytes], int]) -> None:
        self._idle_of = idle_of
        self._written: defaultdict[int, OrderedDict[bytes, int]] = defaultdict(OrderedDict)

    def seen(self, key: bytes, at: int) -> None:
        """Note one write."""
        written = self._written[self._idle_of(key)]
        written[key] = at
        written.move_to_end(key)

    def forget(self, key: bytes) -> None:
        """Note that a key is gone."""
        self._written[self._idle_of(key)].pop(key, None)

    def written(self, changes: Mapping[bytes, bytes | None], at: int) -> None:
        """Follow a transaction; None removes a key."""
        for key, value in changes.items():
            if value is None:
                self.forget(key)
            else:
                self.seen(key, at)

    def idle(self, now: int, limit: int) -> list[bytes]:
        """Return at most `limit` keys that have been idle for longer than they may be, oldest first."""
        keys: list[bytes] = []
        for idle, written in self._written.items():
            keys += islice(_before(written.items(), now - idle), limit - len(keys))
        return keys


def _before(written: Iterable[tuple[bytes, int]], moment: int) -> Iterable[bytes]:
    return (key for key, _ in takewhile(lambda item: item[1] < moment, written))
