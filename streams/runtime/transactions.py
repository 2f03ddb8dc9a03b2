"""A producer of transactions, one at a time: records in, all of them committed or none.

It is built on aiokafka's client, requests and record batches, and leaves out aiokafka's own producer: that one finds
out in a background task, woken for each step, what a transaction needs next, which is a quarter or more of what a small
one costs (benchmarks/transactions.py). Here the three steps are three awaits: name the partitions to the coordinator,
write the batches, end the transaction.

Crash only: what can be tried again (a broker that is gone, a leader that has moved) is, with the same sequence
numbers, so that nothing is written twice, for as long as the caller waits; any other error is raised, and the
transaction is then left to whoever takes the transactional id over.

The protocol: https://kafka.apache.org/protocol, KIP-98. tests/unit/runtime/test_transactions.py fails when aiokafka
0.14.0's side of it changes.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import time
from typing import Any, Final

from aiokafka import AIOKafkaClient
from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import (
    ConcurrentTransactions,
    InvalidProducerEpoch,
    KafkaError,
    OperationNotAttempted,
    ProducerFenced,
    for_code,
)
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.structs import TopicPartition

Headers = list[tuple[str, bytes]]  # aiokafka takes nothing but a list
Out = tuple[bytes | None, bytes | None, Headers]  # key, value, headers
NO_HEADERS: Final[Headers] = []
BATCH_BYTES: Final = 1 << 20  # of one record batch, unless a single record is larger

# After a transaction the coordinator still writes its markers for a few milliseconds, and answers the next one with
# CONCURRENT_TRANSACTIONS.
MARKERS: Final = 0.004  # seconds until it is asked again
BACKOFF: Final = 0.1  # seconds until anything else is tried again
ALL_REPLICAS: Final = -1  # that are in sync have a batch before it is acknowledged
ACKNOWLEDGED: Final = 30_000  # milliseconds that they have for it
WRITTEN: Final = (0, 46)  # codes of a batch that is in the log: NONE, DUPLICATE_SEQUENCE_NUMBER after a lost answer
SEQUENCES: Final = 1 << 31  # sequence numbers begin again at 0 after 2^31 - 1

log = logging.getLogger(__name__)


class TransactionalProducer:
    """The producer of one transactional id. Not for concurrent use: one transaction after the other."""

    def __init__(self, client: AIOKafkaClient, transactional_id: str, *, timeout: float) -> None:
        """Take a client, which it starts and stops, and after how many seconds an abandoned transaction is ended."""
        self._client = client
        self._id = transactional_id
        self._timeout = int(timeout * 1000)
        self._coordinator: int | None = None  # node id
        self._producer = (-1, -1)  # id, epoch
        self._sequences: defaultdict[TopicPartition, int] = defaultdict(int)
        self._open = False  # whether something was written that is not committed

    async def start(self) -> None:
        """Connect and take the transactional id over: older holders are fenced, what they left open is aborted."""
        await self._client.bootstrap()
        request = InitProducerIdRequest(self._id, self._timeout)
        response = await self._coordinated(request, lambda response: [response.error_code])
        self._producer = response.producer_id, response.producer_epoch

    async def write(self, records: Mapping[str, Mapping[int, Iterable[Out]]]) -> dict[tuple[str, int], int]:
        """Write {topic: {partition: records in order}} into a transaction that is not committed yet.

        Returns {(topic, partition): offset of the last record}, once all are acknowledged. Raises ProducerFenced when
        another producer has taken the transactional id over, and aiokafka's errors: of a record that the topic does
        not take, MessageSizeTooLargeError.
        """
        batches = {
            TopicPartition(topic, partition): made
            for topic, by_partition in records.items()
            for partition, outs in by_partition.items()
            if (made := list(_batches(outs)))
        }
        if not batches:
            return {}
        self._open = True
        await self._name(batches)
        last: dict[tuple[str, int], int] = {}
        while batches:  # a request takes one batch of each partition
            first = {tp: self._numbered(tp, made.pop(0)) for tp, made in batches.items()}
            offsets = await self._produced({tp: builder.build() for tp, (builder, _) in first.items()})
            for tp, offset in offsets.items():
                last[tp.topic, tp.partition] = offset + first[tp][1] - 1
            batches = {tp: made for tp, made in batches.items() if made}
        return last

    async def commit(self) -> None:
        """Commit what was written; raise ProducerFenced when the transactional id was taken over meanwhile."""
        if self._open:
            request = EndTxnRequest(self._id, *self._producer, transaction_result=True)
            await self._coordinated(request, lambda response: [response.error_code])
            self._open = False

    async def stop(self) -> None:
        """Close the connections; an open transaction stays open."""
        await self._client.close()

    async def _name(self, partitions: Iterable[TopicPartition]) -> None:
        """Tell the coordinator which partitions the transaction is going to write to."""
        by_topic: defaultdict[str, list[int]] = defaultdict(list)
        for tp in partitions:
            by_topic[tp.topic].append(tp.partition)
        request = AddPartitionsToTxnRequest(self._id, *self._producer, list(by_topic.items()))
        await self._coordinated(
            request, lambda response: [code for _, partitions in response.errors for _, code in partitions]
        )

    def _numbered(self, tp: TopicPartition, batch: tuple[Any, int]) -> tuple[Any, int]:
        """Give a batch its place in the sequence of a partition."""
        builder, count = batch
        first = self._sequences[tp]
        builder.set_producer_state(*self._producer, first)
        self._sequences[tp] = (first + count) % SEQUENCES
        return batch

    async def _coordinated(self, request: Any, codes: Callable[[Any], Iterable[int]]) -> Any:
        """Ask the coordinator until it agrees: no error among the `codes` of its answer. Return the answer."""
        while True:
            try:
                if self._coordinator is None:
                    self._coordinator = await self._client.coordinator_lookup(CoordinationType.TRANSACTION, self._id)
                response = await self._client.send(self._coordinator, request, group=ConnectionGroup.COORDINATION)
                errors = [for_code(code) for code in codes(response) if code]
                if not errors:
                    return response
                error = next((error for error in errors if error is not OperationNotAttempted), errors[0])
                raise error
            except ConcurrentTransactions:
                await asyncio.sleep(MARKERS)
            except KafkaError as error:
                await self._recovered(error)

    async def _produced(self, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, int]:
        """Write encoded batches to the leaders of their partitions; return the offsets of their first records."""
        offsets: dict[TopicPartition, int] = {}
        while True:
            by_leader: defaultdict[int, dict[TopicPartition, bytes]] = defaultdict(dict)
            for tp, batch in batches.items():
                if tp not in offsets:
                    by_leader[await self._leader(tp)][tp] = batch
            if not by_leader:
                return offsets
            answers = await asyncio.gather(*(self._sent(leader, part) for leader, part in by_leader.items()))
            errors = []
            for tp, (code, offset) in {tp: result for answer in answers for tp, result in answer.items()}.items():
                if code in WRITTEN:
                    offsets[tp] = offset
                else:
                    errors.append(for_code(code)())
            for error in sorted(errors, key=lambda error: error.retriable)[:1]:  # what is final, before the rest
                await self._recovered(error)

    async def _leader(self, tp: TopicPartition) -> int:
        """Return the node that leads a partition."""
        cluster = self._client.cluster
        if cluster.leader_for_partition(tp) is None:  # of a topic that it was not asked about yet
            await self._client.add_topic(tp.topic)
        while (leader := cluster.leader_for_partition(tp)) in (None, -1):
            await self._recovered(None)
        return int(leader)

    async def _sent(
        self, leader: int, batches: Mapping[TopicPartition, bytes]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Send batches to one node; return {partition: (error code, offset)}, nothing for a node that is not there."""
        by_topic: defaultdict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for tp, batch in batches.items():
            by_topic[tp.topic].append((tp.partition, batch))
        request = ProduceRequest(self._id, ALL_REPLICAS, ACKNOWLEDGED, list(by_topic.items()))
        try:
            response = await self._client.send(leader, request)
        except KafkaError as error:
            await self._recovered(error)
            return {}
        return {
            TopicPartition(topic, partition): (code, offset)
            for topic, partitions in response.topics
            for partition, code, offset, *_ in partitions
        }

    async def _recovered(self, error: KafkaError | None) -> None:
        """Return when it may be tried again, with newer metadata; raise an error that trying again does not mend."""
        if isinstance(error, InvalidProducerEpoch):
            raise ProducerFenced from error
        if error is not None and not error.retriable:
            raise error
        log.warning("%s: %s; trying again", self._id, type(error).__name__ if error is not None else "no leader")
        self._coordinator = None
        await asyncio.sleep(BACKOFF)
        await self._client.force_metadata_update()


def _batches(records: Iterable[Out]) -> Iterator[tuple[Any, int]]:
    """Yield batch builders and how many records each holds; a record larger than a batch gets one for itself."""
    now = int(time() * 1000)
    builder, count = _builder(), 0
    for key, value, headers in records:
        if builder.append(count, now, key, value, headers) is None:  # full
            yield builder, count
            builder, count = _builder(), 0
            builder.append(0, now, key, value, headers)
        count += 1
    if count:
        yield builder, count


def _builder() -> Any:
    return DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=1,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=BATCH_BYTES,
    )
