"""The independent checker: reads every topic of a stream from offset 0 and proves what became of each input.

    python tests/system/checker.py --bootstrap 127.0.0.1:9092 --prefix moderation. [--json]

Exit code 0 when the log is sound, 1 when it is not, 2 when it cannot be read. Imports nothing of `streams`: it knows
only Kafka, JSON and the published records. Run it when producers are quiet and everything is drained.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

if __name__ == "__main__":  # run as a file: siblings are found from the root of the repository
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.system.anomaly import Record, Verdict
from tests.system.verdict import judged

CONNECT: Final = 5.0  # seconds for the first answer of a broker
ANSWER: Final = 15.0  # seconds that a broker has to answer, more than a transaction lives that a dead worker left
BATCH: Final = 5000  # records taken at once
PATIENCE: Final = 0.05  # seconds that a batch is waited for when fewer are there


class Log:
    """The committed records of a broker's topics, up to the ends that they had when this was made. A context manager.

    One topic is read at a time.
    """

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._prefix = prefix
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "checker",  # asked for by the library, never joined
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "enable.partition.eof": True,  # offsets are not dense: only the broker can say where a partition ends
                "allow.auto.create.topics": False,
                "fetch.message.max.bytes": 16 << 20,
                "fetch.wait.max.ms": 10,
                "log_level": 0,
            }
        )
        topics = self._consumer.list_topics(timeout=CONNECT).topics
        self._bounds = {  # topic -> partition -> first offset and end
            name: {
                partition: self._consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=ANSWER)
                for partition in found.partitions
            }
            for name, found in topics.items()
            if name.startswith(prefix) and not name.startswith("__")
        }

    def __enter__(self) -> Self:
        """Return the log."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the brokers."""
        self._consumer.close()

    @property
    def topics(self) -> list[str]:
        """Return the topics under the prefix, without it."""
        return sorted(name.removeprefix(self._prefix) for name in self._bounds)

    def read(self, topic: str) -> Iterator[Record]:
        """Yield a topic's committed records, nothing for a topic that is not there; raise TimeoutError on silence."""
        name = self._prefix + topic
        bounds = {partition: both for partition, both in self._bounds.get(name, {}).items() if both[0] < both[1]}
        ends = {partition: end for partition, (_, end) in bounds.items()}
        self._consumer.assign([TopicPartition(name, partition, start) for partition, (start, _) in bounds.items()])
        heard = time.monotonic()
        while ends:
            messages = self._consumer.consume(BATCH, PATIENCE)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() > heard + ANSWER:
                raise TimeoutError(f"{name}: nothing for {ANSWER:.0f} s before the end of {sorted(ends)}")
            yield from self._taken((message for message in messages if message.topic() == name), ends)

    @staticmethod
    def _taken(messages: Iterable[Message], ends: dict[int, int]) -> Iterator[Record]:
        """Yield the records that lie before the ends; a partition that is read to its end leaves `ends`."""
        for message in messages:
            partition, offset, error = message.partition(), message.offset(), message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            if partition not in ends:
                continue
            if offset >= ends[partition]:  # written after the start, or the end itself
                del ends[partition]
            elif error is None:  # an end before the end: a transaction is open there, and is waited for
                yield Record(partition, offset, message.key(), message.value(), tuple(message.headers() or ()))


def check(bootstrap: str, prefix: str) -> Verdict:
    """Return the verdict on a stream's whole log."""
    with Log(bootstrap, prefix) as log:
        return judged(log.read, prefix)


def main() -> int:
    """Check, print, and return the exit code."""
    parser = argparse.ArgumentParser(description="Prove what became of each input of a stream.")
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", help="brokers, host:port, separated by commas")
    parser.add_argument("--prefix", default="moderation.", help="in front of every topic name")
    parser.add_argument("--json", action="store_true", help="print the verdict as one JSON object")
    arguments = parser.parse_args()
    try:
        verdict = check(arguments.bootstrap, arguments.prefix)
    except (KafkaException, TimeoutError) as error:
        sys.stderr.write(f"cannot read the log: {error}\n")
        return 2
    sys.stdout.write((json.dumps(verdict.as_json()) if arguments.json else str(verdict)) + "\n")
    return 0 if verdict.sound else 1


if __name__ == "__main__":
    sys.exit(main())
