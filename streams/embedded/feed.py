"""The sample feed into a stream that runs elsewhere: `python -m streams.embedded.feed`, settings from the environment.

Stores the pictures in a bucket of the S3 server that the settings name, then sends every record of the sample.
"""

import secrets
import sys
import time
from typing import Any, Final

import boto3
import click
from botocore.config import Config

from streams.adapters.log import Sender
from streams.embedded.pictures import Picture, pictures
from streams.embedded.sample import Sample, sample
from streams.settings import Settings
from streams.topology import full_name

BUCKET: Final = "moderation-demo"
MESSAGES: Final = 220  # the conversations of the sample, told once


def store(client: Any, bucket: str, drawn: tuple[Picture, ...]) -> int:
    """Put the pictures into the bucket, which is made when it is missing; return how many were stored."""
    client.create_bucket(Bucket=bucket)
    stored = [picture for picture in drawn if picture.data is not None]
    for picture in stored:
        client.put_object(Bucket=bucket, Key=picture.key, Body=picture.data)
    return len(stored)


def feed(settings: Settings, records: Sample, rate: float) -> None:
    """Send the records in their order, `rate` a second, and return when the broker has acknowledged all."""
    senders = {
        topic: Sender(settings, full_name(settings.topic_prefix, topic))
        for topic in dict.fromkeys(record.topic for record in records.records)
    }
    began = time.monotonic()
    for number, record in enumerate(records.records):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        senders[record.topic].send(record.key, record.value)
    for sender in senders.values():
        sender.finish()


@click.command()
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True)
@click.option("--messages", type=click.IntRange(min=1), default=MESSAGES, show_default=True)
def main(rate: float, messages: int) -> None:
    """Store and send the sample, once, at a pace that a person can watch."""
    settings = Settings()
    drawn = pictures()
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        config=Config(connect_timeout=5, read_timeout=10),
    )
    stored = store(client, BUCKET, drawn)
    client.close()
    run = f"sample-{secrets.token_hex(3)}"
    records = sample(drawn, BUCKET, run, time.time_ns() // 1_000_000, messages)
    feed(settings, records, rate)
    sys.stdout.write(f"{stored} pictures stored, {len(records.records)} records sent as {run}\n")


if __name__ == "__main__":
    main()
