"""A unit of work: what one batch reads and wants to write. Nothing of it exists until its transaction is committed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from streams.runtime.partitioner import partition_of
from streams.runtime.transactions import NO_HEADERS, Headers, Out


class Unit:
    """State and outputs of one batch of one source partition; `get` sees what `put` wrote."""

    __slots__ = ("_committed", "changes", "now", "outputs", "partition", "partitions")

    def __init__(self, partition: int, partitions: int, committed: Mapping[bytes, bytes], now: int) -> None:
        self.partition = partition
        self.partitions = partitions  # of every topic
        self.now = now  # milliseconds since 1970, wall clock
        self.changes: dict[bytes, bytes | None] = {}
        self.outputs: dict[str, dict[int, list[Out]]] = defaultdict(lambda: defaultdict(list))
        self._committed = committed

    def get(self, key: bytes) -> bytes | None:
        """Return the table's value of a key, None when there is none."""
        if key in self.changes:
            return self.changes[key]
        return self._committed.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write a value into the table; None removes the key."""
        self.changes[key] = value

    def emit(self, topic: str, key: bytes, value: bytes | None, headers: Headers = NO_HEADERS) -> None:
        """Send a record to the partition of its key; None removes the key from a compacted topic."""
        self.outputs[topic][partition_of(key, self.partitions)].append((key, value, headers))

    def emit_all(self, topic: str, records: Iterable[tuple[bytes, bytes, Headers]]) -> None:
        """Send records (key, value, headers), each to the partition of its key."""
        partitions, by_partition = self.partitions, self.outputs[topic]
        for record in records:
            by_partition[partition_of(record[0], partitions)].append(record)

    def emit_here(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = NO_HEADERS) -> None:
        """Send a record to the partition that is being worked on, whatever its key: dead letters."""
        self.outputs[topic][self.partition].append((key, value, headers))
