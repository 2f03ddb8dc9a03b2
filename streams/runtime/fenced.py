"""Fenced tables: state, outputs and applied offset of a batch are one Kafka transaction per owned source partition.

Who holds the newest epoch of a partition's transactional id has read all that was committed before it, and the broker
refuses everyone else's writes. Group membership may be wrong for a while; data cannot.

A table is a dict per owned partition, backed by a compacted topic with the partition count of the source. A key lives
in the partition of the source that feeds it. One reserved key holds the applied offset: the next source offset to do.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError, ProducerFenced

from streams.runtime.ages import Ages
from streams.runtime.observer import Observer
from streams.runtime.owned import Owned, Times, Watcher
from streams.runtime.restoring import APPLIED, Lost, read
from streams.runtime.transactions import NO_HEADERS, Out, TransactionalProducer
from streams.runtime.unit import Unit

EXPIRE_AT_ONCE: Final = 1000  # keys of one expiry transaction


class FencedTable:
    """The table of one source topic: restored on every rebalance, written in transactions."""

    def __init__(  # noqa: PLR0913  every outside thing is an argument
        self,
        *,
        source: str,
        topic: str,
        transactional_prefix: str,
        connection: Mapping[str, Any],
        partitions: int,
        idle_of: Callable[[bytes], int] | None = None,
        keeps: Callable[[bytes], bool] = lambda _value: False,
        on_expiry: Callable[[Unit, bytes], None] = lambda _unit, _key: None,
        watchers: Iterable[Watcher] = (),
        observer: Observer | None = None,
        times: Times | None = None,
        accept_loss: bool = False,
    ) -> None:
        self.source = source  # topic whose offsets are applied
        self.topic = topic  # compacted topic that holds the table
        self.partitions = partitions  # of every topic
        self.owned: dict[int, Owned] = {}
        self._prefix = transactional_prefix
        self._connection = dict(connection)  # bootstrap_servers and security, for aiokafka
        self._idle_of = idle_of  # milliseconds after which a key that is not written is removed; None keeps all
        self._keeps = keeps  # values that stay, however idle
        # Told of each key that is to be removed, within the transaction that removes it; may put what is to stay of it.
        self._on_expiry = on_expiry
        self._watchers = tuple(watchers)
        self._observer = observer or Observer()
        self._times = times or Times()
        self._accept_loss = accept_loss
        self._restoring = asyncio.Lock()

    def unit(self, partition: int, now: int) -> Unit:
        """Return an empty unit of work on an owned partition; `now` in milliseconds since 1970."""
        return Unit(partition, self.partitions, self.owned[partition].data, now)

    async def restore(self, assigned: set[int]) -> dict[int, int]:
        """Own exactly the assigned partitions; return their applied offsets.

        Fences every older holder first, then reads what it committed: re-entrant, and right however often it is called.
        Raises Lost when the source has dropped records that were never applied, or whatever aiokafka raises.
        """
        started = monotonic()
        async with self._restoring:
            for partition in [p for p in self.owned if p not in assigned]:
                gone = self.owned.pop(partition)
                for watcher in self._watchers:
                    watcher.dropped(partition)
                await self._stop(gone)
            await asyncio.gather(*(self._fence(p) for p in sorted(assigned)))
            if assigned:
                await self._read(assigned)
            for partition in assigned:
                self.owned[partition].restored = True
            self._observer.restored(self.topic, sum(len(o.data) for o in self.owned.values()), monotonic() - started)
            return {p: self.owned[p].applied or 0 for p in assigned}

    async def commit(self, unit: Unit, applied: int | None) -> None:
        """Make a unit of work true: all of it or nothing. `applied` is the next source offset; None leaves it.

        The caller holds the partition's turn. Raises ProducerFenced when another worker owns the partition by now;
        after any exception the process must end, since the outcome of the transaction is unknown.
        """
        owned = self.owned[unit.partition]
        producer = owned.producer
        if producer is None or not owned.restored:
            raise ProducerFenced
        started = monotonic()
        state: list[Out] = [(key, value, NO_HEADERS) for key, value in unit.changes.items()]
        if applied is not None:
            state.append((APPLIED, b"%d" % applied, NO_HEADERS))
        try:
            async with asyncio.timeout(self._times.operation):
                last = await producer.write({self.topic: {unit.partition: state}, **unit.outputs})
                await producer.commit()
        except BaseException as error:
            self._observer.failed(fenced=isinstance(error, ProducerFenced))
            raise
        self._apply(owned, unit)
        records = 0
        if applied is not None:
            records, owned.applied = applied - (owned.applied or 0), applied
        owned.position = max(owned.position, last.get((self.topic, unit.partition), -1) + 1)
        owned.read_at = monotonic()
        self._observer.committed(records, monotonic() - started)

    async def expire(self, now: int) -> None:
        """Remove keys that were idle for too long, in transactions of their own; `now` in milliseconds since 1970."""
        for partition, owned in list(self.owned.items()):
            full = True
            while full:
                async with owned.turn:
                    if owned.ages is None or self.owned.get(partition) is not owned or not owned.restored:
                        break
                    keys = owned.ages.idle(now, EXPIRE_AT_ONCE)
                    full = len(keys) == EXPIRE_AT_ONCE
                    await self._remove(partition, owned, keys, now)

    async def _remove(self, partition: int, owned: Owned, keys: Iterable[bytes], now: int) -> None:
        unit = self.unit(partition, now)
        for key in keys:
            if self._keeps(owned.data[key]):
                if owned.ages is not None:
                    owned.ages.seen(key, now)  # look again after another idle time
            else:
                self._on_expiry(unit, key)
                if key not in unit.changes:
                    unit.put(key, None)
        if unit.changes:
            await self.commit(unit, None)
            self._observer.expired(self.topic, len(unit.changes))

    async def stop(self) -> None:
        """Close the producers; a transaction that is still open is left to the next owner, who ends it."""
        for owned in self.owned.values():
            await self._stop(owned)

    def _apply(self, owned: Owned, unit: Unit) -> None:
        data = owned.data
        for key, value in unit.changes.items():
            if value is None:
                data.pop(key, None)
            else:
                data[key] = value
        if owned.ages is not None:
            owned.ages.written(unit.changes, unit.now)
        for watcher in self._watchers:
            watcher.changed(unit.partition, unit.changes)

    async def _stop(self, owned: Owned) -> None:
        producer, owned.producer = owned.producer, None
        if producer is not None:
            # Its transactional id is taken over in any case: an old producer that will not close harms nobody.
            with contextlib.suppress(TimeoutError, KafkaError):
                await asyncio.wait_for(producer.stop(), self._times.operation)

    async def _fence(self, partition: int) -> None:
        owned = self.owned.get(partition)
        if owned is None:
            owned = self.owned[partition] = Owned(ages=Ages(self._idle_of) if self._idle_of is not None else None)
        async with asyncio.timeout(self._times.turn), owned.turn:
            owned.restored = False
            await self._stop(owned)
            producer = TransactionalProducer(
                AIOKafkaClient(**self._connection, request_timeout_ms=int(self._times.operation * 1000)),
                f"{self._prefix}-{self.source}-{partition}",
                timeout=self._times.transaction,
            )
            await asyncio.wait_for(producer.start(), self._times.operation)
            owned.producer = producer

    async def _read(self, assigned: set[int]) -> None:
        owned = {partition: self.owned[partition] for partition in assigned}
        begins = await read(owned, self.topic, self.source, self._connection, self._times.operation)
        for partition, one in owned.items():
            if not one.indexed:
                for watcher in self._watchers:
                    watcher.restored(partition, one.data)
                one.indexed = True
            self._start(partition, one, begins[partition])

    def _start(self, partition: int, owned: Owned, begin: int) -> None:
        if owned.applied is None:
            owned.applied = begin  # nothing was ever applied here
        elif owned.applied < begin:
            if not self._accept_loss:
                raise Lost(f"{self.source}[{partition}]: offsets {owned.applied} to {begin - 1} are gone")
            owned.applied = begin
