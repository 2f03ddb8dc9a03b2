"""Keyed load: conversations with a Zipf skew, unique ids, and shares of repeats, bad records, pictures, uploads.

    python tests/system/load.py --bootstrap 127.0.0.1:9092 --prefix moderation. --messages 10000 --rate 1000 --seed 7

Everything is drawn from the seed, which is printed: the same plan makes the same bytes again.
"""

import argparse
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

if __name__ == "__main__":  # run as a file: siblings are found from the root of the repository
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.system.topic import DEAD_LETTER, DECISION, EXPECT

CREATED: Final = "2026-01-31T12:00:00.000Z"
RECENT: Final = 20  # messages of a conversation of which one may be sent again: well within what a stream remembers
TEXT: Final = (
    "the game was good tonight see you later who has time for another round call me 555-123-4567 idiot"
    " look at https://example.org/offer win fast nothing else matters here well done team thanks a lot"
)
WORDS: Final = tuple(TEXT.split())
BAD: Final = (
    b"",
    b"{",
    b"[]",
    b"\xff\xfe\xfd",
    b'{"content_id": "x"}',
    b'{"content_id": 7, "kind": "message", "user": {"id": "u"}, "text": "t", "created_at": "2026-01-31T12:00:00Z"}',
    b'{"content_id": "x", "kind": "song", "user": {"id": "u"}, "text": "t", "created_at": "2026-01-31T12:00:00Z"}',
    b'{"content_id": "x", "kind": "message", "user": {"id": "u"}, "text": "t", "created_at": "yesterday"}',
)


class Sent(NamedTuple):
    """One record for a producer; the topic without its prefix."""

    topic: str
    key: bytes | None
    value: bytes | None
    expect: bytes = DECISION
    partition: int = -1  # the key's


def text(content_id: str, words: str, user_id: str = "u", conversation: str | None = None) -> Sent:
    """Return a text, in a conversation of its own unless one is named."""
    conversation = conversation or f"of {content_id}"
    message = {
        "content_id": content_id,
        "kind": "message",
        "conversation_id": conversation,
        "user": {"id": user_id},
        "text": words,
        "created_at": CREATED,
    }
    return Sent("messages", conversation.encode(), json.dumps(message).encode())


@dataclass(frozen=True)
class Plan:
    """What to send. Shares are of `messages`, 0..1."""

    seed: int
    messages: int
    name: str = "load"  # in front of every id: two plans on one stream need two names
    conversations: int = 200
    skew: float = 1.0  # exponent of the Zipf law: 0 makes all conversations equally long
    repeated: float = 0.02
    bad: float = 0.01
    pictured: float = 0.0  # texts with one or two attachments
    uploads: float = 0.0  # beside the messages
    notified: float = 0.0  # S3 notifications beside the messages
    bucket: str = ""
    pictures: tuple[str, ...] = ()  # keys in the bucket


@dataclass
class Feed:
    """The records of a plan, in order; counts what they ask for while they are drawn."""

    plan: Plan
    asked: Counter[str] = field(default_factory=Counter)  # contents, dead letters, repeats

    def __iter__(self) -> Iterator[Sent]:
        """Draw every record of the plan; the same ones each time."""
        plan, draw = self.plan, Random(self.plan.seed)
        self.asked.clear()
        weights = list(accumulate(1 / (rank + 1) ** plan.skew for rank in range(plan.conversations)))
        recent: list[deque[bytes]] = [deque(maxlen=RECENT) for _ in range(plan.conversations)]
        rows = range(plan.conversations)
        for number in range(plan.messages):
            (row,) = draw.choices(rows, cum_weights=weights)
            key = f"{plan.name}-c{row}".encode()
            value = json.dumps(self._message(draw, number, key.decode())).encode()
            recent[row].append(value)
            self.asked["contents"] += 1
            yield Sent("messages", key, value)
            if draw.random() < plan.repeated:
                self.asked["repeats"] += 1
                yield Sent("messages", key, draw.choice(recent[row]))
            if draw.random() < plan.bad:
                self.asked["dead letters"] += 1
                yield Sent("messages", key, draw.choice(BAD), DEAD_LETTER)
            if draw.random() < plan.uploads:
                yield self._upload(draw, number)
            if draw.random() < plan.notified:
                yield self._notification(draw, number)

    def _message(self, draw: Random, number: int, conversation: str) -> dict[str, Any]:
        plan = self.plan
        message: dict[str, Any] = {
            "content_id": f"{plan.name}-m{number}",
            "kind": draw.choice(("message", "comment", "post")),
            "conversation_id": conversation,
            "user": {"id": f"u{draw.randrange(1000)}", "role": "member"},
            "text": " ".join(draw.choices(WORDS, k=draw.randint(1, 20))),
            "created_at": CREATED,
        }
        if draw.random() < plan.pictured:
            keys = draw.sample(plan.pictures, draw.randint(1, 2))
            message["attachments"] = [{"kind": "image", "bucket": plan.bucket, "key": key} for key in keys]
        return message

    def _upload(self, draw: Random, number: int) -> Sent:
        content_id = f"{self.plan.name}-u{number}"
        self.asked["contents"] += 1
        upload = {
            "content_id": content_id,
            "kind": "image",
            "user": {"id": f"u{draw.randrange(1000)}"},
            "location": {"bucket": self.plan.bucket, "key": draw.choice(self.plan.pictures)},
            "created_at": CREATED,
        }
        return Sent("uploads", content_id.encode(), json.dumps(upload).encode())

    def _notification(self, draw: Random, number: int) -> Sent:
        plan, key = self.plan, draw.choice(self.plan.pictures)
        self.asked["contents"] += 1
        entry = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "eventTime": CREATED,
            "s3": {"bucket": {"name": plan.bucket}, "object": {"key": key, "sequencer": f"{number:016X}"}},
        }
        return Sent("s3-events", f"{plan.bucket}/{key}".encode(), json.dumps({"Records": [entry]}).encode())


class Undelivered(RuntimeError):
    """The broker did not acknowledge a record."""


class Sender:
    """Appends records in order. Idempotent: retries neither repeat nor reorder; waits two minutes for a broker."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._prefix = prefix
        self._errors: list[KafkaError] = []
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "linger.ms": 2,
                "delivery.timeout.ms": 120_000,
                "reconnect.backoff.max.ms": 500,
                "message.max.bytes": 4 << 20,
                "log_level": 0,
            }
        )

    def append(self, record: Sent) -> None:
        """Append one record; wait while the buffer is full."""
        while True:
            try:
                self._producer.produce(
                    self._prefix + record.topic,
                    record.value,
                    record.key,
                    partition=record.partition,
                    headers=[(EXPECT, record.expect)],
                    on_delivery=self._acknowledged,
                )
            except BufferError:
                self.wait(0.1)
            else:
                return

    def wait(self, seconds: float) -> None:
        """Let so much time pass, while acknowledgements are taken: each of them ends a poll."""
        due = time.monotonic() + max(0.0, seconds)
        self._producer.poll(0)
        while (left := due - time.monotonic()) > 0:
            self._producer.poll(left)

    def flush(self) -> None:
        """Return when everything is acknowledged; raise Undelivered when something is not."""
        if self._producer.flush(130) or self._errors:
            raise Undelivered(str(self._errors[0] if self._errors else "no acknowledgement in time"))

    def _acknowledged(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._errors.append(error)


def send(sender: Sender, records: Iterable[Sent], rate: float | None = None) -> int:
    """Append records, at most `rate` a second, and return how many; all are acknowledged.

    Each record is due at a moment counted from the start, so that a pause is made good afterwards.
    """
    start, count = time.monotonic(), 0
    for record in records:
        sender.wait(0.0 if rate is None else start + count / rate - time.monotonic())
        sender.append(record)
        count += 1
    sender.flush()
    return count


def main() -> int:
    """Send one plan of texts."""
    parser = argparse.ArgumentParser(description="Put keyed load on a stream.")
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", help="brokers, host:port, separated by commas")
    parser.add_argument("--prefix", default="moderation.", help="in front of every topic name")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--rate", type=float, help="messages a second; as fast as it goes without it")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    plan = replace(
        Plan(options.seed, options.messages), name=f"load{options.seed}", conversations=options.conversations
    )
    feed, start = Feed(plan), time.monotonic()
    sys.stdout.write(f"seed {options.seed}\n")
    count = send(Sender(options.bootstrap, options.prefix), feed, options.rate)
    sys.stdout.write(f"{count:,} records in {time.monotonic() - start:.1f} s: {dict(feed.asked)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
