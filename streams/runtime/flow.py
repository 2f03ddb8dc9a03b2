"""A flow ties a handler to its source topic: batches in, one transaction each out, a crash on anything unexpected."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from time import time
from typing import Any, Final

from faust.types import TP

from streams.runtime.batch import Batch, Record
from streams.runtime.crash import POISONED, described, die
from streams.runtime.fenced import FencedTable
from streams.runtime.observer import Observer
from streams.runtime.restoring import Lost
from streams.runtime.transport import CODEC, BatchApp
from streams.runtime.unit import Unit

Handler = Callable[[Sequence[Record], Unit], Awaitable[None]]

IN_FLIGHT: Final = 16  # batches taken from Faust and not committed: partitions are worked on side by side
HOUSEKEEPING: Final = 5.0  # seconds between two looks at lag and idle keys

log = logging.getLogger(__name__)


class Poisoned(RuntimeError):
    """Most of a topic cannot be read: a bad deploy, not a bad record."""


class Hole(RuntimeError):
    """The source skips records that were never applied."""


class Flow:
    """One source topic, its table and its handler, as one Faust agent with concurrency 1.

    The handler gets the records of one partition that are not applied yet, in order, and a unit of work to fill.
    It must not catch what it cannot handle: any exception ends the process, nothing of the batch is committed.
    """

    def __init__(
        self,
        name: str,
        table: FencedTable,
        handler: Handler,
        *,
        chunk: int | Callable[[], int | None] | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.name = name
        self.table = table
        self._handler = handler
        # Records of one transaction at most; None for all that a fetch brought.
        self._chunk = chunk if callable(chunk) else lambda: chunk
        self._observer = observer or Observer()
        self._app: BatchApp | None = None
        self._leaving = False
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._waiting: dict[int, deque[tuple[Any, Any]]] = {}  # partition -> (event, stream) not begun yet
        self._working: dict[int, asyncio.Task[None]] = {}
        self.restored = False  # whether the partitions of the last assignment are
        self._applied_at: dict[int, int] = {}  # partition -> time of the newest applied record, ms since 1970

    def register(self, app: BatchApp) -> None:
        """Make the flow part of an app: agent, restore on every rebalance, housekeeping."""
        self._app = app
        topic = app.topic(self.table.source, value_serializer=CODEC, key_serializer="raw")
        app.agent(topic, name=self.name, concurrency=1)(self._consume)
        app.on_rebalance_complete.connect(self._rebalanced, weak=False)
        app.timer(HOUSEKEEPING)(self._keep_house)

    async def _rebalanced(self, app: BatchApp, **_: Any) -> None:
        """Restore, then commit the applied offsets to the group: Faust seeks to what the group has committed."""
        table = self.table
        try:
            self.restored = False
            self._observer.rebalanced()
            assigned = {tp.partition for tp in app.consumer.assignment() if tp.topic == table.source}
            await self._tell_group(await table.restore(assigned))
            self.restored = True
            log.info("owns %s%s", table.source, sorted(assigned))
        except asyncio.CancelledError:
            raise  # the next rebalance has begun: it restores again
        except Lost as error:
            die(f"records were lost before they were judged: {error}; MODERATION_ACCEPT_LOSS=true goes on behind them")
        except BaseException as error:  # noqa: BLE001  whatever it was, the state is unknown
            die(f"restore of {table.topic}: {described(error)}")

    async def _consume(self, stream: Any) -> None:
        # Faust would acknowledge a message when the next one is asked for: noack, and each after its commit.
        async for event in stream.noack().events():
            await self._slots.acquire()
            partition = event.value.partition
            self._waiting.setdefault(partition, deque()).append((event, stream))
            if partition not in self._working:
                self._working[partition] = asyncio.create_task(self._work(partition))

    async def _work(self, partition: int) -> None:
        """Work on a partition until nothing waits: what came meanwhile makes one larger transaction."""
        waiting = self._waiting[partition]
        try:
            while waiting:
                events = [waiting.popleft() for _ in range(len(waiting))]
                await self._partition(partition, [event.value for event, _ in events])
                for event, stream in events:
                    await stream.ack(event)
                    self._slots.release()
        except Poisoned as error:
            die(str(error), POISONED)
        except BaseException as error:  # noqa: BLE001  whatever it was, the batch is not committed
            die(f"{self.name}: {described(error)}")
        finally:
            del self._working[partition]

    async def _partition(self, partition: int, batches: Sequence[Batch]) -> None:
        owned = self.table.owned.get(partition)
        if owned is None:
            return  # taken away meanwhile: its new owner reads these records
        records: Sequence[Record] | None = None
        while records is None or records:
            async with owned.turn:
                if self._leaving or self.table.owned.get(partition) is not owned:
                    return
                if not owned.restored or owned.applied is None:
                    return  # a rebalance is on its way: these records come again
                records = self._unapplied(batches if records is None else (), records or (), owned.applied)
                size = self._chunk()
                chunk, records = records[:size], records[size:] if size else ()
                if chunk:
                    await self._commit(partition, chunk)

    def _unapplied(self, batches: Sequence[Batch], records: Sequence[Record], applied: int) -> Sequence[Record]:
        """Return the records of the batches, or those left of them, that are not applied yet; raise for a hole."""
        result = list(records)
        for batch in batches:
            known = max(applied, result[-1].offset + 1) if result else applied
            if batch.follows > known:
                raise Hole(f"hole in {batch.topic}[{batch.partition}]: known up to {known}, next is {batch.follows}")
            result += batch.records if batch.records[0].offset >= known else _from(batch.records, known)
        if result and result[0].offset < applied:  # a restore in between moved on
            result = _from(result, applied)
        replayed = sum(len(batch.records) for batch in batches) + len(records) - len(result)
        if replayed:
            self._observer.replayed(replayed)
        return result

    async def _commit(self, partition: int, records: Sequence[Record]) -> None:
        unit = self.table.unit(partition, int(time() * 1000))
        await self._handler(records, unit)
        await self.table.commit(unit, records[-1].offset + 1)
        self._applied_at[partition] = records[-1].timestamp

    async def _tell_group(self, applied: Mapping[int, int]) -> None:
        if applied and self._app is not None:
            offsets = {TP(self.table.source, partition): offset for partition, offset in applied.items()}
            commit = self._app.consumer._commit(offsets)  # noqa: SLF001  Faust's own commits come from acknowledgements
            async with asyncio.timeout(self._app.conf.broker_request_timeout):  # `wait_for` can lose a cancellation
                await commit

    async def _keep_house(self) -> None:
        """Tell the group how far the state is, report lag, remove idle keys."""
        try:
            await self._tell_group(
                {p: o.applied for p, o in self.table.owned.items() if o.restored and o.applied is not None}
            )
            self._report_lag()
            await self.table.expire(int(time() * 1000))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001  an expiry that failed leaves a transaction in an unknown state
            die(f"{self.name}: expiry: {described(error)}")

    def lag(self) -> int:
        """Return how many records of the owned partitions are not applied yet, as far as the last fetches tell."""
        return sum(records for _, records in self._behind())

    def _behind(self) -> Iterator[tuple[int, int]]:
        """Yield each owned partition, and how many of its records are not applied."""
        if self._app is None:
            return
        consumer = self._app.consumer
        for partition, owned in self.table.owned.items():
            highwater = consumer.highwater(TP(self.table.source, partition))
            if highwater is not None and owned.applied is not None:
                yield partition, max(0, highwater - owned.applied)

    def _report_lag(self) -> None:
        for partition, records in self._behind():
            applied_at = self._applied_at.get(partition)
            behind = max(0.0, time() - applied_at / 1000) if records and applied_at else 0.0
            self._observer.lag(self.table.source, partition, records, behind)

    def leave(self) -> None:
        """Begin no batch any more: whoever owns the partitions next reads on from the applied offset."""
        self._leaving = True

    async def idle(self) -> None:
        """Return when no batch is in flight."""
        for owned in list(self.table.owned.values()):
            async with owned.turn:
                pass


def _from(records: Sequence[Record], offset: int) -> list[Record]:
    return [record for record in records if record.offset >= offset]
