"""The embedded Kafka and S3 server, as processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import psutil  # type: ignore[import-untyped]
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.embedded.aws import Aws, environment
from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError
from tests.system.kafka import Kafka
from tests.waiting import is_gone, until

pytestmark = pytest.mark.system

PARENT = """
import signal
from streams.embedded.{module} import {kind}
child = {kind}().start()
print(child.pid, flush=True)
signal.pause()
"""


def create(bootstrap: str, topic: str, **config: str) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    client.create_topics([NewTopic(topic, 1, 1, config=config)])[topic].result(20)


def produce(bootstrap: str, topic: str, records: list[tuple[str, str]]) -> None:
    failed: list[Any] = []
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0, "acks": "all"})
    for key, value in records:
        producer.produce(topic, value, key, on_delivery=lambda error, _: failed.append(error) if error else None)
    assert producer.flush(20) == 0
    assert not failed


def read(bootstrap: str, topic: str) -> list[tuple[str, str]]:
    """Return key and value of everything that the topic's one partition holds now."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "log_level": 0})
    try:
        partition = TopicPartition(topic, 0, 0)
        end = consumer.get_watermark_offsets(partition, timeout=20)[1]
        consumer.assign([partition])
        records: list[tuple[str, str]] = []
        while True:
            if consumer.position([partition])[0].offset >= end:
                return records
            record = consumer.poll(20)
            assert record is not None
            assert record.error() is None
            records.append((record.key().decode(), record.value().decode()))
    finally:
        consumer.close()


def holds(pid: int) -> set[int]:
    """Return the process ids of a process group."""
    members = set()
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == pid and not is_gone(process.pid):
                members.add(process.pid)
        except ProcessLookupError:
            continue
    return members


def test_a_topic_is_created_and_gives_back_what_was_sent(kafka: Kafka) -> None:
    topic = f"echo-{uuid.uuid4().hex}"
    create(kafka.bootstrap, topic)
    produce(kafka.bootstrap, topic, [("a", "1"), ("b", "2")])
    assert read(kafka.bootstrap, topic) == [("a", "1"), ("b", "2")]


def test_topics_do_not_come_into_being_by_being_asked_for(kafka: Kafka) -> None:
    client = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    topic = f"never-{uuid.uuid4().hex}"
    assert client.list_topics(topic, timeout=20).topics[topic].error is not None
    assert topic not in client.list_topics(timeout=20).topics


def test_a_killed_broker_comes_back_on_its_port_with_its_data(own_broker: Broker) -> None:
    create(own_broker.bootstrap, "kept")
    produce(own_broker.bootstrap, "kept", [("a", str(number)) for number in range(100)])
    before, pid = own_broker.bootstrap, own_broker.pid

    own_broker.kill()
    assert is_gone(pid)
    own_broker.start()

    assert own_broker.bootstrap == before
    assert own_broker.pid != pid
    assert [value for _, value in read(before, "kept")] == [str(number) for number in range(100)]


def test_compaction_runs_while_one_looks(own_broker: Broker) -> None:
    create(
        own_broker.bootstrap,
        "state",
        **{"cleanup.policy": "compact", "segment.bytes": "1048576", "min.cleanable.dirty.ratio": "0.01"},
    )
    produce(own_broker.bootstrap, "state", [(str(number % 10), "x" * 1000) for number in range(5000)])
    until(lambda: len(read(own_broker.bootstrap, "state")) < 2000, 30)


def test_stop_leaves_no_process_and_no_folder(own_broker: Broker) -> None:
    pid, folder = own_broker.pid, own_broker.folder
    assert pid in holds(pid)
    own_broker.stop()
    until(lambda: holds(pid) == set(), 5)
    assert not folder.exists()


@pytest.mark.parametrize("seen", ["server.properties", "broker.log", "data/bootstrap.checkpoint"])
def test_a_stop_from_another_thread_while_it_starts_leaves_no_folder(
    seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    broker = Broker()

    def start() -> None:
        with suppress(SetUpError):
            broker.start()

    starting = threading.Thread(target=start)
    starting.start()
    until(lambda: any(tmp_path.glob(f"moderation-kafka-*/{seen}")), 60)
    broker.stop()
    starting.join(60)
    assert not starting.is_alive()
    broker.stop()
    assert list(tmp_path.rglob("*")) == []


@pytest.fixture
def parents() -> Iterator[list[subprocess.Popen[str]]]:
    """Yield a list of started parents; they are gone afterwards."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for parent in started:
        parent.kill()
        parent.communicate(timeout=20)


@pytest.mark.parametrize(("module", "kind"), [("broker", "Broker"), ("aws", "Aws")])
def test_a_parent_that_is_killed_takes_its_server_with_it(
    module: str, kind: str, kafka: Kafka, parents: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    del kafka  # the jars are here
    script = PARENT.format(module=module, kind=kind)
    # Whoever is killed cannot tidy up: the temporary folders fall to pytest.
    environ = os.environ | {"TMPDIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environ)
    parents.append(parent)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert not is_gone(pid)

    parent.kill()

    until(lambda: is_gone(pid), 5)
    until(lambda: holds(pid) == set(), 5)


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_the_broker_is_and_stops_it(
    word: signal.Signals, kafka: Kafka, parents: list[subprocess.Popen[str]]
) -> None:
    del kafka  # the jars are here
    command = [sys.executable, "-m", "streams", "broker", "--json"]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    parents.append(parent)
    assert parent.stdout is not None
    said = json.loads(parent.stdout.readline())
    assert said["kafka"] == "4.1.1"
    create(said["bootstrap"], "by-command")

    parent.send_signal(word)

    assert parent.wait(20) == 0
    assert is_gone(said["pid"])


def test_an_object_is_read_back_by_its_version(aws: Aws) -> None:
    given = {name.lower(): value for name, value in environment().items() if name.startswith(("AWS_ACC", "AWS_SEC"))}
    s3 = boto3.client("s3", endpoint_url=aws.endpoint, region_name="us-east-1", **given)  # type: ignore[call-overload]
    bucket = f"bucket-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a/b.png", Body=b"first")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="a/b.png", Body=b"second")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="a/b.png", VersionId=first)["Body"].read() == b"first"
    assert s3.get_object(Bucket=bucket, Key="a/b.png", VersionId=second)["Body"].read() == b"second"
    s3.close()


def test_a_queue_gives_back_what_was_sent(aws: Aws) -> None:
    given = {name.lower(): value for name, value in environment().items() if name.startswith(("AWS_ACC", "AWS_SEC"))}
    sqs = boto3.client("sqs", endpoint_url=aws.endpoint, region_name="us-east-1", **given)  # type: ignore[call-overload]
    queue = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex}")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["one"]
    sqs.close()
