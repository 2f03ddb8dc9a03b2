"""`moderation send`: JSON lines in, records on a topic out; the end waits for every acknowledgement."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from typing import Any, Final

import click
import msgspec

from streams.adapters.lines import batches
from streams.adapters.log import Partitioner, Sender
from streams.adapters.wire import Reader, Rejected
from streams.cli.failure import FAILED, Failure
from streams.cli.progress import Advance, shown
from streams.core.content import Message, Upload
from streams.core.notification import Malformed, uploads
from streams.settings import Settings
from streams.topology import full_name

Keyed = Callable[[bytes], bytes | None]  # a record's bytes -> its key; raises Rejected for an invalid one


@click.command()
@click.option("--topic", type=click.Choice(("messages", "uploads", "s3-events")), default="messages", show_default=True)
@click.option("--file", "source", type=click.File("rb"), default="-", help="JSON lines; standard input without it.")
@click.option(
    "--rate", type=click.FloatRange(min=0, min_open=True), help="Records per second; as fast as it goes without."
)
@click.option("--raw", is_flag=True, help="Send also what is no valid record, without a key.")
@click.option(
    "--partitioner",
    type=click.Choice(("librdkafka", "java")),
    default="librdkafka",
    show_default=True,
    help="How the topic's other producers spread keys: a conversation must lie in one partition.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def send(
    topic: str, source: BufferedReader, rate: float | None, raw: bool, partitioner: Partitioner, as_json: bool
) -> None:
    """Put JSON lines on a topic: one record a line.

    Messages are keyed by conversation_id, else content_id; uploads by content_id; storage notifications by
    bucket/key. Without --raw an invalid line is not sent: standard error names it, and the exit code is 1.
    """
    settings = Settings()
    feed = Feed(KEYS[topic](settings.record_limit), raw=raw)
    began = time.monotonic()
    with (
        Sender(settings, full_name(settings.topic_prefix, topic), partitioner=partitioner) as sender,
        shown(f"sending to {topic}", source) as advance,
    ):
        for number, (key, value) in enumerate(feed.records(batches(source, settings.record_limit), advance)):
            if rate is not None:
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
            sender.send(key, value)
        sender.finish()
    seconds = round(time.monotonic() - began, 3)
    summary = {"topic": topic, "sent": sender.acknowledged, "invalid": feed.invalid, "seconds": seconds}
    if as_json:
        print(msgspec.json.encode(summary).decode())
    else:
        print(f"{sender.acknowledged} records sent to {topic} in {seconds:.1f} s")
    if feed.invalid:
        raise Failure(f"{feed.invalid} invalid lines were not sent: correct them, or send them with --raw", FAILED)


class Feed:
    """Lines in, keys and values of records out; what is invalid is named and counted, or sent as it is (`raw`)."""

    def __init__(self, key_of: Keyed, *, raw: bool) -> None:
        self._key_of = key_of
        self._raw = raw
        self.invalid = 0

    def records(self, read: Iterable[list[bytes]], advance: Advance) -> Iterator[tuple[bytes | None, bytes]]:
        """Yield the records of all lines; blank lines are none."""
        number = 0
        for lines in read:
            for line in lines:
                number += 1
                if line.strip():
                    yield from self._record(number, line)
            advance(sum(map(len, lines)) + len(lines), len(lines))

    def _record(self, number: int, line: bytes) -> Iterator[tuple[bytes | None, bytes]]:
        try:
            yield self._key_of(line), line
        except Rejected as error:
            if self._raw:
                yield None, line
            else:
                self.invalid += 1
                print(f"moderation: line {number}: {error}", file=sys.stderr)


def message_key(limit: int) -> Keyed:
    """Return what keys a message: its conversation, so that a conversation stays in order; else its content id."""
    reader = Reader(Message, limit=limit)

    def key(value: bytes) -> bytes:
        message = reader.read(value)
        return (message.conversation_id or message.content_id).encode()

    return key


def upload_key(limit: int) -> Keyed:
    """Return what keys an upload: its content id."""
    reader = Reader(Upload, limit=limit)
    return lambda value: reader.read(value).content_id.encode()


def event_key(limit: int) -> Keyed:
    """Return what keys a storage notification: bucket/key of the first object that it tells of, else nothing."""
    reader = Reader(dict[str, Any], limit=limit)

    def key(value: bytes) -> bytes | None:
        try:
            told = uploads(reader.read(value)).uploads
        except Malformed as error:
            raise Rejected("invalid_value", error.field) from None
        return f"{told[0].location.bucket}/{told[0].location.key}".encode() if told else None

    return key


KEYS: Final[dict[str, Callable[[int], Keyed]]] = {
    "messages": message_key,
    "uploads": upload_key,
    "s3-events": event_key,
}
