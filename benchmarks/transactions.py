"""What a transaction costs: aiokafka's own producer and ours, by turns, over the same records, on a real Kafka.

`python benchmarks/transactions.py` prints, for each producer and size, the CPU time of this process and the time on
the clock of one transaction. A transaction writes to five partitions, as one of the screen worker does: one of a
state topic, four of the actions. Medians over the rounds.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Final, NamedTuple

import uvloop
from aiokafka import AIOKafkaClient, AIOKafkaProducer

from benchmarks.traffic import Traffic
from streams.embedded.broker import Broker
from streams.runtime.transactions import Out, TransactionalProducer

SIZES: Final = (3, 100)  # messages of a transaction
PARTITIONS: Final = 4
VALUE: Final = bytes(1000)
MILLISECONDS: Final = 1000

Outputs = dict[str, dict[int, list[Out]]]
Commit = Callable[[Outputs], Awaitable[object]]


class Cost(NamedTuple):
    """Of one transaction, in milliseconds."""

    cpu: float
    clock: float


def outputs(prefix: str, messages: int) -> Outputs:
    """Return what a transaction over so many messages writes."""
    record: Out = (b"key", VALUE, [])
    share = max(1, messages // PARTITIONS)
    return {
        f"{prefix}state": {0: [record] * messages},
        f"{prefix}actions": {partition: [record] * share for partition in range(PARTITIONS)},
    }


async def by_library(producer: AIOKafkaProducer, written: Outputs) -> None:
    """Commit one transaction by aiokafka's producer: whole record batches, all on their way at once."""
    await producer.begin_transaction()
    acknowledged = []
    for topic, by_partition in written.items():
        for partition, records in by_partition.items():
            batch = producer.create_batch()
            for key, value, headers in records:
                batch.append(key=key, value=value, timestamp=None, headers=headers)
            batch.close()
            acknowledged.append(await producer.send_batch(batch, topic, partition=partition))
    for each in acknowledged:
        await each
    await producer.commit_transaction()


async def by_ours(producer: TransactionalProducer, written: Outputs) -> None:
    """Commit one transaction by our producer."""
    await producer.write(written)
    await producer.commit()


async def cost(commit: Commit, written: Outputs, times: int) -> Cost:
    """Return what one of so many transactions, one after the other, costs."""
    cpu, clock = time.process_time(), time.perf_counter()
    for _ in range(times):
        await commit(written)
    return Cost(
        (time.process_time() - cpu) / times * MILLISECONDS, (time.perf_counter() - clock) / times * MILLISECONDS
    )


async def compared(bootstrap: str, prefix: str, rounds: int, times: int) -> None:
    """Run both producers by turns and print the medians; one round first that does not count."""
    library = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{prefix}library", max_batch_size=1 << 20)
    ours = TransactionalProducer(AIOKafkaClient(bootstrap_servers=bootstrap), f"{prefix}ours", timeout=10)
    commits: dict[str, Commit] = {
        "aiokafka": lambda written: by_library(library, written),
        "ours": lambda written: by_ours(ours, written),
    }
    found: dict[tuple[str, int], list[Cost]] = {}
    await library.start()
    await ours.start()
    try:
        for number in range(rounds + 1):
            for name, commit in commits.items():
                for size in SIZES:
                    measured = await cost(commit, outputs(prefix, size), times)
                    if number:
                        found.setdefault((name, size), []).append(measured)
    finally:
        await library.stop()
        await ours.stop()
    for (name, size), costs in sorted(found.items(), key=lambda item: item[0][1]):
        cpu, clock = (statistics.median(values) for values in zip(*costs, strict=True))
        print(f"{size:4d} messages  {name:8s}  {cpu:5.2f} ms CPU  {clock:6.2f} ms", flush=True)


def main(arguments: list[str]) -> None:
    """Run it on a broker that is started for it, or on another one."""
    parser = argparse.ArgumentParser(prog="transactions.py", description="What a transaction costs.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of both producers (%(default)s)")
    parser.add_argument("--times", type=int, default=300, help="transactions of each measurement (%(default)s)")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="use this broker instead of starting one")
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        bootstrap = asked.bootstrap or stack.enter_context(Broker()).bootstrap
        prefix = f"transactions-{os.getpid()}-"
        with Traffic(bootstrap, PARTITIONS) as traffic:
            traffic.create(f"{prefix}state", f"{prefix}actions")
            try:
                uvloop.run(compared(bootstrap, prefix, asked.rounds, asked.times))
            finally:
                traffic.delete(prefix)


if __name__ == "__main__":
    main(sys.argv[1:])
