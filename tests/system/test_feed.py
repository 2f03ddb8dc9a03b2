"""The sample feed into a stream that runs elsewhere."""

import os
import subprocess
import sys
import uuid

import boto3
import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.adapters.topics import apply
from streams.embedded.aws import Aws, environment
from streams.settings import Settings
from tests.system.kafka import Kafka

pytestmark = pytest.mark.system


def records(bootstrap: str, topic: str, partitions: int) -> int:
    """Return how many records a topic holds."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "none", "log_level": 0})
    try:
        ends = [consumer.get_watermark_offsets(TopicPartition(topic, each), timeout=20) for each in range(partitions)]
        return sum(high - low for low, high in ends)
    finally:
        consumer.close()


def test_the_whole_sample_reaches_the_topics_and_the_bucket(kafka: Kafka, aws: Aws) -> None:
    prefix = f"feed-{uuid.uuid4().hex[:8]}."
    apply(Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, partitions=2))
    chosen = {
        "MODERATION_BOOTSTRAP": kafka.bootstrap,
        "MODERATION_TOPIC_PREFIX": prefix,
        "MODERATION_S3_ENDPOINT": aws.endpoint,
    }

    done = subprocess.run(
        [sys.executable, "-m", "streams.embedded.feed", "--rate", "1000", "--messages", "40"],
        env=os.environ | environment() | chosen,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    stored, sent = (int(word) for word in done.stdout.split() if word.isdecimal())
    assert stored == 29  # one of the thirty is announced, but never stored
    found = {topic: records(kafka.bootstrap, prefix + topic, 2) for topic in ("messages", "uploads", "s3-events")}
    assert sum(found.values()) == sent
    assert found["messages"] >= 42  # two are malformed on purpose, some are sent twice
    assert found["uploads"] + found["s3-events"] == 30

    given = environment()
    s3 = boto3.client(
        "s3",
        endpoint_url=aws.endpoint,
        region_name="us-east-1",
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    assert s3.list_objects_v2(Bucket="moderation-demo")["KeyCount"] == 29
    s3.close()
