"""One owned partition of a fenced table: its producer, its data, how far it is applied."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from streams.runtime.ages import Ages
from streams.runtime.transactions import TransactionalProducer


class Watcher(Protocol):
    """Keeps an index over a table's owned keys."""

    def restored(self, partition: int, data: Mapping[bytes, bytes]) -> None:
        """Build the index of one partition anew."""

    def changed(self, partition: int, changes: Mapping[bytes, bytes | None]) -> None:
        """Follow what a transaction changed; None removes a key."""

    def dropped(self, partition: int) -> None:
        """Forget a partition that is no longer owned."""


@dataclass
class Owned:
    """One owned partition."""

    producer: TransactionalProducer | None = None
    data: dict[bytes, bytes] = field(default_factory=dict)
    ages: Ages | None = None  # where keys expire
    applied: int | None = None  # next source offset; None before the first restore
    restored: bool = False  # what was committed before the newest fencing is read: only then may it be worked on
    indexed: bool = False  # the watchers know the data
    position: int = 0  # in the state topic
    read_at: float = 0.0  # monotonic seconds: when the data was last known to be the newest
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # held from reading the state until the commit


@dataclass(frozen=True)
class Times:
    """Time limits, all in seconds."""

    transaction: float = 10.0  # the broker ends an abandoned transaction after this
    operation: float = 30.0  # any single await on the broker
    turn: float = 20.0  # waiting for the batch in flight before a partition is opened again
