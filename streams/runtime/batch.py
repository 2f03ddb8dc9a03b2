"""What the transport hands over: the records that one fetch brought of one partition, as one message."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Record(Protocol):
    """A record as aiokafka reads it."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...  # noqa: D102


class Batch(NamedTuple):
    """Records of one partition in the order of the log; offsets grow, but need not be dense."""

    topic: str
    partition: int
    records: Sequence[Record]
    follows: int  # everything below this offset was fetched before: a batch that follows unapplied offsets shows a hole
