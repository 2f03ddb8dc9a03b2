"""Records of a log, as the runtime's tests need them."""

from collections.abc import Iterable
from typing import NamedTuple


class Record(NamedTuple):
    """A record as aiokafka reads it."""

    topic: str
    partition: int
    offset: int
    timestamp: int = 0
    timestamp_type: int = 0
    key: bytes | None = b"k"
    value: bytes | None = b"v"
    headers: tuple[tuple[str, bytes], ...] = ()


def records(offsets: Iterable[int], topic: str = "source", partition: int = 0) -> list[Record]:
    """Return a record for each offset."""
    return [Record(topic, partition, offset) for offset in offsets]
