"""The taker on a real Kafka: where it goes on, what it passes over, who of two takes."""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from streams.adapters.topics import Topics
from streams.metrics import Metrics
from streams.review.health import Health
from streams.review.process import milliseconds
from streams.review.standing_by import Lease
from streams.review.taker import Taker
from streams.settings import Settings
from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.positions import positions
from streams.store.tables import message, position
from streams.store.taking import take
from tests.system.kafka import Kafka
from tests.system.load import Sender, Sent, send, text
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


class Log:
    """A stream's topics and a store; the takers of a test."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.settings = Settings(bootstrap=bootstrap, topic_prefix=f"t{uuid.uuid4().hex[:10]}-", partitions=2)
        Topics(self.settings).apply()
        self.database = Database(f"sqlite:///{folder / 'review.db'}")
        migrated(self.database)
        self.metrics = Metrics()
        self.taken: list[str] = []  # who took each text
        self._sender = Sender(bootstrap, self.settings.topic_prefix)
        self._stops: list[tuple[threading.Event, threading.Thread]] = []

    def start(self, name: str = "ada") -> threading.Event:
        """Start a taker, and return what stops it, when it takes or stands by."""
        health, stop = Health(("kafka",)), threading.Event()

        def taken(connection: Connection, batch: Batch, now: int) -> None:
            take(connection, batch, now)
            self.taken += [name] * len(batch.messages)

        lease = Lease(self.database, "kafka", name, 10.0, milliseconds)
        taker = Taker(self.settings, lease, taken, health=health, metrics=self.metrics, clock=milliseconds)
        thread = threading.Thread(target=taker.run, args=[stop])
        thread.start()
        self._stops.append((stop, thread))
        until(health.ready)
        return stop

    def send(self, *records: Sent) -> None:
        """Append records."""
        send(self._sender, records)

    @property
    def texts(self) -> list[str]:
        """Return the ids of the texts in the store."""
        with self.database.reading() as connection:
            return sorted(connection.execute(select(message.c.content_id)).scalars())

    def skipped(self, reason: str) -> float:
        """Return how many records of `messages` were passed over for a reason."""
        labels = {"topic": "messages", "reason": reason}
        return self.metrics.registry.get_sample_value("moderation_review_skipped_total", labels) or 0.0

    def close(self) -> None:
        """Stop all takers."""
        for stop, thread in self._stops:
            stop.set()
            thread.join(20)
            assert not thread.is_alive()
        self.database.close()


@pytest.fixture
def log(kafka: Kafka, tmp_path: Path) -> Iterator[Log]:
    """Yield topics and a store of this test alone."""
    opened = Log(kafka.bootstrap, tmp_path)
    yield opened
    opened.close()


def test_it_goes_on_where_the_store_stands_and_passes_over_what_cannot_be_read(log: Log) -> None:
    log.send(text("m1", "hello"), Sent("messages", b"k", b"{"), text("m2", "hello"))
    stop = log.start()
    until(lambda: log.texts == ["m1", "m2"])
    until(lambda: log.skipped("truncated") == 1)
    stop.set()
    log.send(text("m3", "hello"))
    log.start()
    until(lambda: log.texts == ["m1", "m2", "m3"])
    assert log.taken == ["ada"] * 3
    assert log.skipped("truncated") == 1


def test_a_place_that_the_log_does_not_have_is_told_and_read_from_the_beginning(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    log.send(*(Sent("messages", b"k", text(f"m{number}", "hello").value, partition=0) for number in range(3)))
    with log.database.writing() as connection:
        connection.execute(insert(position).values(topic="messages", partition=0, next=1_000))
    log.start()
    until(lambda: log.texts == ["m0", "m1", "m2"])
    assert log.skipped("beyond_end") == 1
    assert "messages, partition 0: the log has 0 to 3, and was read up to 1000" in caplog.text
    with log.database.reading() as connection:
        assert positions(connection)["messages", 0] == 3


def test_of_two_only_the_holder_takes_until_it_leaves(log: Log) -> None:
    stop = log.start("ada")
    log.start("bob")
    log.send(text("m1", "hello"))
    until(lambda: log.texts == ["m1"])
    stop.set()
    log.send(text("m2", "hello"))
    until(lambda: log.texts == ["m1", "m2"])
    assert log.taken == ["ada", "bob"]
