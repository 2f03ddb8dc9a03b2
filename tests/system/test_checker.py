"""The checker as a program against a real Kafka: committed records only, gaps in the offsets, exit codes."""

import json
import subprocess
import uuid

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.system.checker import Log
from tests.system.kafka import Kafka
from tests.system.processes import ROOT, python
from tests.system.stream import HERE

pytestmark = pytest.mark.system


def made(kafka: Kafka, *topics: str) -> str:
    """Create topics of one partition under a new prefix and return it."""
    prefix = f"check-{uuid.uuid4().hex[:8]}-"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    for future in admin.create_topics([NewTopic(prefix + topic, 1, 1) for topic in topics]).values():
        future.result(20)
    return prefix


def transactional(kafka: Kafka, name: str) -> Producer:
    """Return a producer that is ready for its first transaction."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": name, "log_level": 0})
    producer.init_transactions(20)
    return producer


def program(kafka: Kafka, prefix: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the checker's command to its end."""
    command = python(str(HERE / "checker.py"), "--bootstrap", kafka.bootstrap, "--prefix", prefix, *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


def test_aborted_records_are_not_seen_and_markers_leave_gaps(kafka: Kafka) -> None:
    prefix = made(kafka, "actions")
    producer = transactional(kafka, prefix)
    for value, commits in ((b"1", True), (b"2", False), (b"3", True)):
        producer.begin_transaction()
        producer.produce(prefix + "actions", value)
        producer.flush(20)
        (producer.commit_transaction if commits else producer.abort_transaction)(20)
    with Log(kafka.bootstrap, prefix) as log:
        assert [(record.offset, record.value) for record in log.read("actions")] == [(0, b"1"), (4, b"3")]


def test_an_open_transaction_is_waited_for(kafka: Kafka) -> None:
    prefix = made(kafka, "actions")
    holder, other = transactional(kafka, f"{prefix}a"), transactional(kafka, f"{prefix}b")
    for producer, value in ((holder, b"open"), (other, b"behind it")):
        producer.begin_transaction()
        producer.produce(prefix + "actions", value)
        producer.flush(20)
    other.commit_transaction(20)
    transactional(kafka, f"{prefix}a")  # a successor: the transaction that was left open is aborted
    with Log(kafka.bootstrap, prefix) as log:
        assert [record.value for record in log.read("actions")] == [b"behind it"]


def test_a_lost_input_ends_the_program_with_1_and_a_sound_log_with_0(kafka: Kafka) -> None:
    prefix = made(kafka, "messages", "actions")
    assert program(kafka, prefix).returncode == 0
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    message = {"content_id": "m", "kind": "message", "user": {"id": "u"}, "text": "t"}
    producer.produce(prefix + "messages", json.dumps(message), "m")
    assert producer.flush(20) == 0
    told = program(kafka, prefix)
    assert told.returncode == 1
    assert "messages[0]@0" in told.stdout
    found = json.loads(program(kafka, prefix, "--json").stdout)
    assert found["anomalies"] == {"lost": 1, "not_applied": 1}


def test_a_log_that_cannot_be_read_ends_the_program_with_2() -> None:
    command = python(str(HERE / "checker.py"), "--bootstrap", "127.0.0.1:1")
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert told.returncode == 2
    assert told.stderr.startswith("cannot read the log")
