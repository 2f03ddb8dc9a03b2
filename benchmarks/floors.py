"""The floors: what the same machine does with the same records without this project, one process each.

`raw` consumes, decodes and produces with aiokafka alone; `consume` is a stock Faust agent that only counts; `table`
keeps the window of ten in a Faust `Table`. None of them judges, and none is safe against a crash: they show what
Python, aiokafka and Faust themselves cost. Started by throughput.py, stopped by a signal.
"""

import argparse
import asyncio
import json
import logging
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import faust
import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.runners import PRINTED
from streams.core.action import Action
from streams.core.content import Message
from streams.core.decision import Decision, decision_id
from streams.core.policy import PolicyRef
from streams.runtime.partitioner import partition_of

Keyed = tuple[bytes, bytes]

FETCH: Final = 2000  # records of one fetch, as the worker's setting
WINDOW: Final = 10  # messages of context
BATCH: Final = {"max_batch_size": 1 << 20, "max_request_size": 4 << 20, "linger_ms": 0}  # as the worker's producers
AHEAD: Final = 4  # fetches whose output may travel while the next one is worked on
# Events and seconds of one `take_events`. Of six settings, one short run each, the fastest by the clock
# (4,160/s at 195 µs); (4000, 0.2) took 12 % less CPU and was slower (3,200/s at 171 µs).
TAKE: Final = (1000, 0.05)
CONTEXT: Final = tuple(str(1_840_000_000_000_000_000 + number) for number in range(WINDOW))  # as long as a real one
ALLOW: Final[Action] = "allow"
POLICY: Final = PolicyRef(id="none", version="0" * 16)
NOW: Final = "2026-01-05T08:00:00.000Z"

_decode = msgspec.json.Decoder(Message).decode
_encode = msgspec.json.Encoder().encode


def decided(message: Message, context: tuple[str, ...]) -> Keyed:
    """Return key and value of a decision as large as the worker's, without judging anything."""
    content_id = message.content_id
    decision = Decision(
        decision_id=decision_id(content_id, 0),
        content_id=content_id,
        kind=message.kind,
        user_id=message.user.id,
        revision=0,
        action=ALLOW,
        labels=(),
        triggered=(),
        shadow=(),
        reports=(),
        context=context,
        policy=POLICY,
        source="automatic",
        escalate=False,
        partial=False,
        reason="nothing was judged",
        received_at=NOW,
        decided_at=NOW,
        conversation_id=message.conversation_id,
    )
    return content_id.encode(), _encode(decision)


async def send(producer: Any, topic: str, partitions: int, records: Iterable[Keyed]) -> list[Any]:
    """Send records as whole record batches; return the futures of their acknowledgements."""
    batches: dict[int, Any] = {}
    futures = []
    for key, value in records:
        partition = partition_of(key, partitions)
        batch = batches.get(partition)
        if batch is None:
            batch = batches[partition] = producer.create_batch()
        if batch.append(key=key, value=value, timestamp=None) is None:  # full
            futures.append(await producer.send_batch(batch, topic, partition=partition))
            batch = batches[partition] = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    for partition, batch in batches.items():
        futures.append(await producer.send_batch(batch, topic, partition=partition))
    return futures


async def raw(options: argparse.Namespace) -> None:
    """Consume, decode, produce, with aiokafka alone; the next fetches are worked on while output travels."""
    consumer = AIOKafkaConsumer(
        options.source,
        bootstrap_servers=options.bootstrap,
        group_id=options.name,
        auto_offset_reset="earliest",
        max_poll_records=FETCH,
    )
    producer = AIOKafkaProducer(bootstrap_servers=options.bootstrap, acks="all", **BATCH)
    await producer.start()
    await consumer.start()
    travelling: deque[list[Any]] = deque()
    try:
        while True:
            fetched = await consumer.getmany(timeout_ms=500)
            records = [
                decided(_decode(record.value), CONTEXT) for partition in fetched.values() for record in partition
            ]
            travelling.append(await send(producer, options.target, options.partitions, records))
            if len(travelling) > AHEAD:
                await asyncio.gather(*travelling.popleft())
    finally:
        await consumer.stop()
        await producer.stop()


def application(options: argparse.Namespace) -> Any:
    """Return a Faust app with the settings that a careful user changes."""
    return faust.App(
        options.name,
        broker=f"kafka://{options.bootstrap}",
        store="memory://",
        loop=None,
        web_enabled=False,
        topic_partitions=options.partitions,
        topic_disable_leader=True,
        table_standby_replicas=0,
        broker_max_poll_records=FETCH,
        consumer_auto_offset_reset="earliest",
        producer_linger=0.005,
        producer_max_batch_size=BATCH["max_batch_size"],
        producer_partitioner=lambda key, every, _: every[partition_of(key, len(every))],
    )


def consume(app: Any, options: argparse.Namespace) -> None:
    """Register an agent that counts records and prints at the end how far it was when."""
    topic = app.topic(options.source, key_serializer="raw", value_serializer="raw")

    every = max(1, options.messages // 100)

    async def count(stream: AsyncIterator[bytes]) -> None:
        seen, points = 0, []
        async for _ in stream:
            seen += 1
            if seen == 1 or seen % every == 0:
                points.append((time.time(), seen))
            if seen == options.messages:
                print(PRINTED + json.dumps([*points, (time.time(), seen)]), flush=True)

    app.agent(topic, name="count")(count)


def table(app: Any, options: argparse.Namespace) -> None:
    """Register an agent that keeps the last ten messages of a conversation in a Faust table.

    As a careful user would write it: many events at a time, each window read and written once for all of them, values
    packed by msgspec, keys and changelog placed by the cheap hash, decisions sent past Faust as whole record batches
    by an idempotent producer and awaited before the events are acknowledged.
    """
    topic = app.topic(options.source, key_serializer="raw", value_serializer="raw")
    windows = app.Table(
        "windows",
        partitions=options.partitions,
        use_partitioner=True,
        key_type=bytes,
        value_type=bytes,
    )
    pack = msgspec.msgpack.Encoder().encode
    unpack = msgspec.msgpack.Decoder(list[tuple[str, str, str]]).decode

    async def decide(stream: Any) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=options.bootstrap, enable_idempotence=True, **BATCH)
        await producer.start()
        async for events in stream.take_events(TAKE[0], within=TAKE[1]):
            changed: dict[bytes, list[tuple[str, str, str]]] = {}
            decisions = []
            for event in events:
                message, key = _decode(event.value), event.key
                window = changed.get(key)
                if window is None:
                    stored = windows.get(key)
                    window = changed[key] = unpack(stored) if stored else []
                decisions.append(decided(message, tuple(entry[0] for entry in window)))
                window.append((message.content_id, message.user.id, message.text))
                del window[:-WINDOW]
            for key, window in changed.items():
                windows[key] = pack(window)
            await asyncio.gather(*await send(producer, options.target, options.partitions, decisions))

    app.agent(topic, name="decide")(decide)


FAUST: Final = {"consume": consume, "table": table}


def main(arguments: list[str]) -> None:
    """Run one floor until it is stopped."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("floor", choices=("raw", *FAUST))
    parser.add_argument("--bootstrap", required=True, help="host:port of the broker")
    parser.add_argument("--name", required=True, help="consumer group or app id")
    parser.add_argument("--source", required=True, help="topic that is read")
    parser.add_argument("--target", default="", help="topic that is written")
    parser.add_argument("--partitions", type=int, required=True, help="partitions of both")
    parser.add_argument("--messages", type=int, required=True, help="records in the source")
    options = parser.parse_args(arguments)
    uvloop.install()
    if options.floor == "raw":
        asyncio.run(raw(options))
        return
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    app = application(options)  # at level "warning" Faust turns a spinner, which costs time
    FAUST[options.floor](app, options)
    app.finalize()
    faust.Worker(app, loglevel="info", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1:])
