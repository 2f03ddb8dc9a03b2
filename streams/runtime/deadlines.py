"""Deadlines: an index of the owned keys by the moment at which they want attention; it changes nothing itself."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Final

AGAIN_MS: Final = 5000  # a due key that is still there is told of again after this


class Deadlines:
    """The earliest moment at which each owned key wants attention; times in milliseconds since 1970.

    A watcher of a fenced table: follows every transaction, is built anew on a restore.
    """

    def __init__(self, due: Callable[[bytes], int | None]) -> None:
        self._due = due  # a value's deadline; None for a value that has none
        self._moments: dict[int, dict[bytes, int]] = {}
        self._heaps: dict[int, list[tuple[int, bytes]]] = {}

    def restored(self, partition: int, data: Mapping[bytes, bytes]) -> None:
        """Build the index of one partition anew."""
        moments = {key: moment for key, value in data.items() if (moment := self._due(value)) is not None}
        self._moments[partition] = moments
        heap = [(moment, key) for key, moment in moments.items()]
        heapq.heapify(heap)
        self._heaps[partition] = heap

    def changed(self, partition: int, changes: Mapping[bytes, bytes | None]) -> None:
        """Follow what a transaction changed."""
        moments = self._moments.setdefault(partition, {})
        heap = self._heaps.setdefault(partition, [])
        for key, value in changes.items():
            moment = None if value is None else self._due(value)
            if moment is None:
                moments.pop(key, None)
            elif moments.get(key) != moment:
                moments[key] = moment
                heapq.heappush(heap, (moment, key))

    def dropped(self, partition: int) -> None:
        """Forget a partition that is no longer owned."""
        self._moments.pop(partition, None)
        self._heaps.pop(partition, None)

    def overdue(self, now: int) -> Iterator[tuple[int, bytes]]:
        """Yield (partition, key) of each key whose deadline has passed; each again after a while, until it is gone.

        Partitions may come and go between two keys: whoever is told may await something there.
        """
        for partition in tuple(self._heaps):
            while (heap := self._heaps.get(partition)) and heap[0][0] <= now:
                moments = self._moments[partition]
                moment, key = heapq.heappop(heap)
                if moments.get(key) == moment:
                    moments[key] = now + AGAIN_MS
                    heapq.heappush(heap, (now + AGAIN_MS, key))
                    yield partition, key

    def __len__(self) -> int:
        """Return how many keys have a deadline."""
        return sum(map(len, self._moments.values()))
