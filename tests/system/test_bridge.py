"""Uploads whose notifications come through a queue: the bridge is killed, and every object has exactly one decision."""

import json
import random
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import boto3
import pytest

from streams.embedded.aws import Aws, environment
from tests.system.checker import Log
from tests.system.kafka import Kafka
from tests.system.notification import objects
from tests.system.pictures import client, drawn
from tests.system.stream import Stream
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

OBJECTS = 100
GREETING = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-31T12:00:00Z", "Bucket": "b"}


class Storage:
    """A bucket that notifies a queue directly and through topics, as far as the server does so; and the queue."""

    def __init__(self, endpoint: str) -> None:
        given = environment()
        keys: Any = {name.lower(): given[name.upper()] for name in ("aws_access_key_id", "aws_secret_access_key")}
        self.s3 = client(endpoint)
        session: Any = boto3.session.Session()
        self._sns, self._sqs = (
            session.client(name, endpoint_url=endpoint, region_name="us-east-1", **keys) for name in ("sns", "sqs")
        )
        self.run = uuid.uuid4().hex[:8]
        self._dead, dead_arn = self._queue(f"dead-{self.run}")
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 5})
        self.url, self._arn = self._queue(f"uploads-{self.run}", RedrivePolicy=redrive)

    def _queue(self, name: str, **attributes: str) -> tuple[str, str]:
        url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        got = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, got["Attributes"]["QueueArn"]

    def bucket(self, name: str, **notified: Any) -> str:
        """Return a new bucket with these notifications."""
        made = f"{name}-{self.run}"
        self.s3.create_bucket(Bucket=made)
        self.s3.put_bucket_notification_configuration(Bucket=made, NotificationConfiguration=notified)
        return made

    def direct(self) -> dict[str, Any]:
        """Return the notifications of a bucket that tells the queue itself."""
        events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        return {"QueueConfigurations": [{"QueueArn": self._arn, "Events": events}]}

    def by_topic(self, *, raw: bool) -> dict[str, Any]:
        """Return the notifications of a bucket that tells a topic, to which the queue has subscribed."""
        topic = self._sns.create_topic(Name=f"uploads-{raw}-{self.run}")["TopicArn"]
        attributes = {"RawMessageDelivery": str(raw).lower()}
        self._sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self._arn, Attributes=attributes)
        return {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}

    def put(self, bucket: str, key: str, number: int) -> str:
        """Store a picture and return its etag."""
        etag: str = self.s3.put_object(Bucket=bucket, Key=key, Body=drawn(number))["ETag"]
        return etag.strip('"')

    def tell(self, *events: object) -> None:
        """Put events into the queue as they are."""
        for event in events:
            self._sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(event))

    @property
    def waiting(self) -> int:
        """Return how many messages wait."""
        return self._count(self.url, "Messages")

    @property
    def in_hand(self) -> int:
        """Return how many messages were received and are not deleted."""
        return self._count(self.url, "MessagesNotVisible")

    @property
    def empty(self) -> bool:
        """Say whether no message is left, neither waiting nor in anybody's hand."""
        return not self.waiting + self.in_hand

    @property
    def refused(self) -> int:
        """Return how many messages came too often."""
        return self._count(self._dead, "Messages")

    def _count(self, url: str, name: str) -> int:
        counts: Any = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(counts[f"ApproximateNumberOf{name}"])

    def close(self) -> None:
        """Close the connections."""
        for one in (self.s3, self._sns, self._sqs):
            one.close()


@pytest.fixture(scope="module")
def storage(aws: Aws) -> Iterator[Storage]:
    """Yield a storage of these tests alone."""
    one = Storage(aws.endpoint)
    yield one
    one.close()


@pytest.fixture(scope="module")
def stream(kafka: Kafka, aws: Aws, storage: Storage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a running stream that has a queue, and no bridge yet."""
    settings = {"sqs_queue": storage.url, "sqs_endpoint": aws.endpoint, "sqs_wait": 1, "sqs_visibility": 3}
    settings["sqs_batch"] = 4  # many small batches: a bridge that is killed has one in hand
    with Stream(kafka.bootstrap, tmp_path_factory.mktemp("bridge"), aws=aws.endpoint, **settings) as running:
        running.start("uploads", "media", "join")
        yield running


def record(bucket: str, key: str, etag: str, sequencer: int, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """Return a record as S3 writes it."""
    thing = {"key": quote_plus(key, safe="/"), "size": 1, "eTag": etag, "sequencer": f"{sequencer:016X}"}
    return {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "eventTime": "2026-01-31T12:00:00.000Z",
        "eventName": name,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket}, "object": thing},
    }


def by_eventbridge(bucket: str, key: str, etag: str, sequencer: int) -> dict[str, Any]:
    """Return an event as EventBridge writes it."""
    thing = {"key": key, "size": 1, "etag": etag, "sequencer": f"{sequencer:016x}"}
    detail = {"bucket": {"name": bucket}, "object": thing, "reason": "PutObject"}
    event = {"version": "0", "detail-type": "Object Created", "source": "aws.s3", "time": "2026-01-31T12:00:00Z"}
    return {**event, "detail": detail}


def scripted(storage: Storage, bucket: str, key: str, number: int) -> list[dict[str, Any]]:
    """Store a picture, once or twice; return the events that tell of it, some of them twice, as a queue mixes them."""
    etag = storage.put(bucket, key, number)
    match number % 10:
        case 0:  # told twice
            return [{"Records": [record(bucket, key, etag, 16)]}] * 2
        case 2:  # overwritten: the first state must never act, whenever it is told
            newer = storage.put(bucket, key, number + 1)
            return [{"Records": [record(bucket, key, newer, 32)]}, {"Records": [record(bucket, key, etag, 16)]}]
        case 4:
            return [by_eventbridge(bucket, key, etag, 16)]
        case 6:  # several records in one event; a tag that was put is no new object
            tagged = record(bucket, key, etag, 17, "ObjectTagging:Put")
            return [{"Records": [record(bucket, key, etag, 16), tagged]}]
        case _:
            return [{"Records": [record(bucket, key, etag, 16)]}]


def places(stream: Stream) -> Counter[tuple[str, str]]:
    """Return bucket and key of what the records of `s3-events` tell of, with how often."""
    with Log(stream.bootstrap, stream.prefix) as log:
        told = (json.loads(one.value or b"") for one in log.read("s3-events"))
        return Counter((found.object.where, found.object.key) for event in told for found in objects(event))


def reasons(stream: Stream) -> set[str]:
    """Return the reasons that the reports of all decisions name."""
    with Log(stream.bootstrap, stream.prefix) as log:
        decided = [json.loads(one.value or b"") for one in log.read("actions")]
        return {report["reason"] for decision in decided for report in decision["reports"] if report.get("reason")}


def test_every_object_has_one_decision_though_the_bridge_is_killed(stream: Stream, storage: Storage) -> None:
    buckets = [
        storage.bucket("direct", **storage.direct()),
        storage.bucket("wrapped", **storage.by_topic(raw=False)),
        storage.bucket("raw", **storage.by_topic(raw=True)),
    ]
    by_hand = storage.bucket("by-hand")  # what this server does not send: sequencers, EventBridge, several records
    put, events = set(), []
    for number in range(OBJECTS):
        key, where = f"p/{number} ü+.png", buckets[number % 3] if number % 2 else by_hand
        put.add((where, key))
        if where == by_hand:
            events += scripted(storage, where, key, number)
        else:
            storage.put(where, key, number)
    for _, key in sorted(one for one in put if one[0] == buckets[0])[:5]:
        storage.s3.delete_object(Bucket=buckets[0], Key=key)  # its creation was told, and is judged: it is gone
    random.Random(7).shuffle(events)
    storage.tell(GREETING, *events, {"no": "notification"})
    begun = storage.waiting
    bridge = stream.launch("bridge")
    until(lambda: storage.waiting < begun * 3 / 4 and storage.in_hand > 0, 60)
    bridge.kill()
    bridge.await_restart(1)
    until(lambda: storage.empty, 60)
    bridge.await_ready()

    found = places(stream)
    assert set(found) == put
    assert found.total() >= OBJECTS * 6 / 5  # twice notified, and overwritten
    verdict = stream.checked()
    assert verdict["sound"], verdict["examples"]
    assert verdict["counts"]["repeated inputs"] + verdict["counts"]["stale events"] >= OBJECTS / 10
    # What was deleted, or overwritten by the time it was read, has its decision with the reason.
    assert {"object_not_found", "changed"} <= reasons(stream)
    assert {letter.value for letter in stream.dead_letters("s3-events")} == {b'{"no": "notification"}'}
    assert storage.refused == 0
    assert (bridge.leave(), bridge.restarts) == (0, 1)


def test_a_queue_that_is_not_there_ends_the_role_with_what_to_look_at(kafka: Kafka, aws: Aws, tmp_path: Path) -> None:
    settings = {"sqs_queue": f"{aws.endpoint}/123456789012/missing", "sqs_endpoint": aws.endpoint}
    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint, **settings) as stream:
        ran = command(stream, "worker", "--role", "bridge")
    assert ran.returncode == 78
    assert "the queue cannot be used: not_found: check MODERATION_SQS_QUEUE" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_uploaded_files_are_judged_and_their_decisions_printed(
    stream: Stream, storage: Storage, tmp_path: Path
) -> None:
    bucket = storage.bucket("uploaded")
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for number, file in enumerate(files):
        file.write_bytes(drawn(number))
    ran = command(stream, "upload", *map(str, files), "--bucket", bucket, "--wait", "30", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    printed = [json.loads(line) for line in ran.stdout.splitlines()]
    stored, decided = printed[:2], printed[2:]
    assert [one["file"] for one in stored] == [str(file) for file in files]
    assert {one["content_id"] for one in stored} == {one["content_id"] for one in decided}
    assert not any(one["partial"] for one in decided)
    assert stream.checked()["sound"]


def command(stream: Stream, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the product's own command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env=stream.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
