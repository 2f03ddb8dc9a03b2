"""Watches a running stream from outside: when committed records arrived on its topics, and how many there are."""

import threading
import time
from collections import Counter
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from confluent_kafka import Consumer, KafkaException, TopicPartition

DEAD_LETTERS: Final = (
    "messages-dlq",
    "uploads-dlq",
    "s3-events-dlq",
    "tasks-media-dlq",
    "tasks-text-llm-dlq",
    "tasks-comprehend-dlq",
    "tasks-velocity-user-dlq",
    "tasks-rekognition-video-dlq",
    "findings-dlq",
    "verdicts-dlq",
    "rulings-dlq",
)
MESSAGE: Final = "-m"  # in the content id of every message of load.py
ANSWER: Final = 15.0  # seconds that a broker has to answer


class Watch:
    """Follows `actions` and the dead letters from the start, read committed, without a group. A context manager."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._options = {
            "bootstrap.servers": bootstrap,
            "group.id": "watch",  # asked for by the library, never joined
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 100,  # for what is not there yet: what arrives is given at once
            "reconnect.backoff.max.ms": 500,
            "log_level": 0,
        }
        self._prefix = prefix
        self._changed = threading.Condition()
        self._counts: Counter[str] = Counter()
        self._messages_at: list[float] = []  # time.monotonic() of each decision on a message that arrived
        self._ids: set[str] = set()  # keys of decisions
        self._open = True
        self._thread = threading.Thread(target=self._follow, name="watch")

    def __enter__(self) -> Self:
        """Begin to follow."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop following."""
        self._open = False
        self._thread.join()

    def _follow(self) -> None:
        consumer = Consumer(self._options)
        try:
            topics = consumer.list_topics(timeout=ANSWER).topics
            names = [self._prefix + name for name in ("actions", *DEAD_LETTERS)]
            consumer.assign([TopicPartition(name, p, 0) for name in names for p in topics[name].partitions])
            while self._open:
                self._take(consumer)
        finally:
            consumer.close()

    def _take(self, consumer: Consumer) -> None:
        messages = consumer.consume(2000, 0.02)
        now = time.monotonic()
        with self._changed:
            for message in messages:
                error = message.error()
                if error is not None:
                    if error.fatal():
                        raise KafkaException(error)
                    continue  # a broker that is away: librdkafka goes on by itself
                topic = (message.topic() or "").removeprefix(self._prefix)
                self._counts["decisions" if topic == "actions" else "dead letters"] += 1
                if topic == "actions":
                    content_id = (message.key() or b"").decode()
                    self._ids.add(content_id)
                    if MESSAGE in content_id:
                        self._messages_at.append(now)
            if messages:
                self._changed.notify_all()

    def count(self, what: str) -> int:
        """Return how many `decisions` or `dead letters` have arrived."""
        with self._changed:
            return self._counts[what]

    def wait(self, seconds: float, **least: int) -> None:
        """Return when so many decisions and dead_letters have arrived; raise TimeoutError with the counts."""
        wanted = {name.replace("_", " "): count for name, count in least.items()}
        with self._changed:
            if not self._changed.wait_for(lambda: all(self._counts[k] >= n for k, n in wanted.items()), seconds):
                raise TimeoutError(f"{dict(self._counts)} after {seconds:.0f} s, wanted {wanted}")

    def wait_for_id(self, content_id: str, seconds: float) -> None:
        """Return when a content's decision has arrived; raise TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: content_id in self._ids, seconds):
                raise TimeoutError(f"no decision on {content_id} within {seconds:.1f} s")

    def recovery(self, since: float) -> float:
        """Return how long after a moment, time.monotonic(), the longest pause between messages ended, in seconds.

        Uploads are left out: they flow on while the role that screens messages is away.
        """
        with self._changed:
            moments = [since, *(at for at in self._messages_at if at > since)]
        pauses = [(later - earlier, later) for earlier, later in pairwise(moments)]
        return max(pauses)[1] - since if pauses else 0.0
