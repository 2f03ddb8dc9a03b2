"""Faust's aiokafka transport, one message per partition and fetch instead of one per record.

faust-streaming 0.15.3 spends about 80 µs on each message that it hands to an agent. Here its value is a Batch, its
offset the last record's: groups, assignment, agents and timers stay Faust's, the cost is paid once per fetch.

What leans on Faust's insides (tests/unit/runtime/test_transport.py fails when they change):
- `App._new_transport` returns the transport; its `Consumer` class makes the consumer's "thread" (inloop.py).
- `Consumer.getmany` is the only way from the fetcher to the agents. Whatever a fetch brought and `getmany` does not
  hand on must be sought back: the position has moved past it.
- `Consumer._new_offset` and `_add_gap` compute what is committed from acknowledged offsets. Here Faust commits nothing:
  the applied offset of the state is the truth, a flow tells the group of it.
- `AIOKafkaConsumerThread.seek`, `seek_to_committed` and `seek_wait` are the only ways to another position.
- `AIOKafkaConsumerThread._create_worker_consumer` makes the aiokafka consumer: the only place to read committed, and
  to wait for less time.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import faust
from faust.serializers import codecs
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from streams.runtime.batch import Batch, Record
from streams.runtime.inloop import InLoopConsumer

CODEC: Final = "batch"  # value_serializer of batched topics
# Milliseconds that a broker holds a fetch back which brings nothing, 1,500 in Faust. aiokafka has one fetch for each
# broker on its way, without the partitions whose records wait to be taken: those then wait for the idle ones.
FETCH_WAIT: Final = 50
ALL_PAUSED: Final = 0.005  # seconds; stock Faust sleeps a whole second when back-pressure has paused every partition


class Untouched(codecs.Codec):
    """A codec that hands batches through Faust's deserialiser."""

    def _loads(self, s: Any) -> Any:
        return s

    def _dumps(self, s: Any) -> Any:
        return s


codecs.register(CODEC, Untouched())


class ReadCommittedConsumer(InLoopConsumer):
    """Reads committed records only and remembers how far it has fetched."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fetched: dict[TP, int] = {}  # offset after the newest record that was fetched, or sought

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = FETCH_WAIT
        return consumer

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> Any:
        """Return {partition: (records, offset that they follow)}; every fetch passes here, also one that is dropped."""
        records: Mapping[TP, list[Record]] = await super()._fetch_records(*args, **kwargs)
        fetched = self.fetched
        result = {}
        for tp, batch in records.items():
            first = batch[0].offset
            result[tp] = (batch, min(fetched.get(tp, first), first))
            fetched[tp] = batch[-1].offset + 1
        return result

    async def seek_to_committed(self) -> Mapping[TP, int | None]:
        """Seek every assigned partition to what the group has committed; return these offsets."""
        committed: Mapping[TP, int | None] = await super().seek_to_committed()
        self.fetched = {tp: offset for tp, offset in committed.items() if offset is not None}
        for tp, offset in self.fetched.items():
            if offset == 0:  # which aiokafka takes for nothing committed, and does not seek
                super().seek(tp, 0)
        return committed

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Seek partitions, and wait until the positions are known."""
        await super().seek_wait(partitions)
        self.fetched.update(partitions)

    def seek(self, partition: TP, offset: int) -> None:
        """Seek one partition."""
        super().seek(partition, offset)
        self.fetched[partition] = offset


class BatchConsumer(driver.Consumer):
    """Faust's consumer, handing over batches for the topics in `app.batched`."""

    app: "BatchApp"
    _thread: ReadCommittedConsumer

    def _new_consumer_thread(self) -> ReadCommittedConsumer:
        return ReadCommittedConsumer(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message per partition that the next fetch brought."""
        if self.flow_active and not self._get_active_partitions():
            await self.sleep(ALL_PAUSED)
            return
        fetched, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if fetched is None or self.should_stop:
            return
        if not self.flow_active:
            await self.perform_seek()
            return
        for tp, (records, follows) in fetched.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break  # a rebalance began: it ends with a seek of every partition
            if not (active is None or tp in active or tp in self._buffered_partitions):
                await self._seek(tp, records[0].offset)
                continue
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            last = records[-1]
            yield (
                tp,
                ConsumerMessage(
                    last.topic,
                    last.partition,
                    last.offset,
                    last.timestamp / 1000.0,
                    last.timestamp_type,
                    (),
                    None,
                    Batch(tp.topic, tp.partition, records, follows),
                    None,
                    0,
                    0,
                    tp,
                    generation_id=generation,
                ),
            )

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no gaps: transaction markers take offsets, and the applied offset is what counts."""

    def _new_offset(self, tp: TP) -> int | None:
        """Forget what was acknowledged; commit nothing."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return None


class BatchTransport(driver.Transport):
    """The aiokafka transport with the consumer above."""

    Consumer = BatchConsumer


class BatchApp(faust.App):
    """A Faust app all of whose source topics are read in batches, committed records only."""

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self)
