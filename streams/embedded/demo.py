"""The demonstration: a stack of its own and the sample feed in, decisions and a summary out.

One text goes first and shows that the workers judge; the rest follows at a pace that a person can watch, so that
latencies are those of a stream and not of a start.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Final, Self

import msgspec

from streams.adapters.log import Following, Sender
from streams.adapters.wire import Reader
from streams.core.decision import Decision
from streams.core.notification import uploads
from streams.embedded.jars import Progress
from streams.embedded.pictures import pictures
from streams.embedded.review import SignIn
from streams.embedded.sample import Sample, sample
from streams.embedded.stack import Stack
from streams.embedded.summary import Summary
from streams.settings import Settings
from streams.topology import dead_letters, full_name

BUCKET: Final = "moderation-demo"
PACE: Final = 60.0  # records of the feed a second
PATIENCE: Final = 120.0  # seconds without a decision after which the sample is given up
LINGER: Final = 1.0  # seconds without a decision at the end, in which a second one for a content would show
WAIT: Final = 0.2  # seconds for the next decision


class Demo:
    """Use it with `with`: read `sampled` to its end, then `more`. Raises SetUpError when a part does not come up."""

    def __init__(self, tell: Callable[[float, str], None], *, messages: int, progress: Progress | None = None) -> None:
        self._stack = Stack(tell, progress)
        self._messages = messages
        self._flowing = threading.Event()  # the first decision was read
        self._stopping = threading.Event()
        self._open = ExitStack()
        self._sample: Sample
        self._actions: Following
        self._dead: Following
        self._events: Following
        self._objects: dict[str, bytes] = {}  # by key
        self._reader: Reader[Decision]

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of a command in another terminal."""
        return self._stack.environment

    @property
    def review(self) -> tuple[str, SignIn] | None:
        """Return where the review pages are, and who can sign in; None without them, or before they are up."""
        return self._stack.review

    def __enter__(self) -> Self:
        """Start Kafka, S3 and the workers, and begin to feed them."""
        self._open.callback(self._stack.stop)
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop everything."""
        self._stop()

    def sampled(self) -> Iterator[Decision | Summary]:
        """Yield each decision as it comes; last a summary, when every input has one or the patience ends."""
        summary = Summary(self._sample)
        last = time.monotonic()
        while time.monotonic() - last < (LINGER if summary.complete else PATIENCE):
            for content_id in self._told():
                summary.told_of(content_id)
            for decision in self._take():
                self._flowing.set()
                last = time.monotonic()
                waited = time.time() - datetime.fromisoformat(decision.received_at).timestamp()
                summary.add(decision, last - self._stack.began, waited * 1000)
                yield decision
            summary.dead_letters += sum(1 for _ in self._dead.take(0.0))
        yield summary

    def more(self) -> Iterator[Decision]:
        """Yield decisions for ever."""
        while True:
            yield from self._take()

    def _take(self) -> Iterator[Decision]:
        self._stack.look()
        return (self._reader.read(record.value) for record in self._actions.take(WAIT))

    def _told(self) -> Iterator[str]:
        """Yield the ids of the objects that the bridge has relayed since the last look."""
        for record in self._events.take(0.0):
            yield from (upload.content_id for upload in uploads(msgspec.json.decode(record.value or b"")).uploads)

    def _start(self) -> None:
        drawn = pictures()
        self._objects = {picture.key: picture.data for picture in drawn if picture.data is not None}
        settings, stored = self._stack.start(BUCKET, lambda: self._objects)
        run = f"demo-{secrets.token_hex(3)}"
        self._sample = sample(drawn, BUCKET, run, time.time_ns() // 1_000_000, self._messages)
        self._reader = Reader(Decision, limit=settings.record_limit)
        self._actions = self._following(settings, "actions")
        self._dead = self._following(settings, dead_letters("messages"))
        self._events = self._following(settings, "s3-events")
        self._stack.beside(lambda: self._feed(settings, stored))

    def _following(self, settings: Settings, topic: str) -> Following:
        following = Following(settings, full_name(settings.topic_prefix, topic), from_beginning=True)
        self._open.callback(following.close)
        return following

    def _feed(self, settings: Settings, stored: "Future[None]") -> None:
        """Send the sample, the first record alone; what a storage tells of is stored, and the storage tells of it."""
        senders = {
            topic: Sender(settings, full_name(settings.topic_prefix, topic)) for topic in ("messages", "uploads")
        }
        for number, record in enumerate(self._sample.records):
            if record.needs_objects:
                stored.result()
            if record.is_stored:
                key = record.key.decode().partition("/")[2]
                self._stack.put(BUCKET, key, self._objects[key])
            else:
                senders[record.topic].send(record.key, record.value)
            if number == 0:
                senders[record.topic].finish()
                self._flowing.wait()
            if self._stopping.wait(1 / PACE):
                return
        for sender in senders.values():
            sender.finish()

    def _stop(self) -> None:
        self._stopping.set()
        self._flowing.set()
        self._open.close()
