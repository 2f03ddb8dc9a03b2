"""Ends of jobs from a queue become records; a message is deleted when its record is acknowledged, never before."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from streams.adapters.fault import Fault
from streams.adapters.sqs import Delivery
from streams.agents.emission import Emission
from streams.agents.job_ends import JobEnds
from streams.core.video_task import JobEnded
from streams.runtime.partitioner import partition_of
from tests.unit.agents.producers import Producer

TOPIC = "tasks-rekognition-video"
EMISSION = Emission("", "rekognition_video", "json")


def said(content_id: str, job_id: str = "j1", **changes: Any) -> bytes:
    return json.dumps({"JobId": job_id, "API": "StartContentModeration", "JobTag": content_id, **changes}).encode()


def delivery(name: str, body: bytes) -> Delivery:
    return Delivery(name, f"handle of {name}", body, None, 1)


class Queue:
    """Gives what it is told, one answer after the other, then waits; notes what is deleted."""

    def __init__(self, *answers: Sequence[Delivery] | Fault) -> None:
        self.answers = list(answers)
        self.deleted: list[str] = []
        self.empty = asyncio.Event()

    async def receive(self) -> Sequence[Delivery]:
        """Return the next answer."""
        if not self.answers:
            self.empty.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Fault):
            raise answer
        return answer

    async def delete(self, handles: Sequence[str]) -> Sequence[str]:
        """Delete."""
        self.deleted += handles
        return []


async def polled(queue: Queue, producer: Producer, until: asyncio.Event) -> None:
    """Poll until an event, then end as a worker ends its tasks."""
    ends = JobEnds(queue, lambda: cast("AIOKafkaProducer", producer), EMISSION, TOPIC, 4, pause=0.01)
    running = asyncio.ensure_future(ends())
    async with asyncio.timeout(60):
        await until.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert producer.stopped


async def test_the_end_of_a_job_is_a_record_under_the_contents_key_and_its_message_is_deleted() -> None:
    queue, producer = Queue([delivery("m1", said("v1")), delivery("m2", said("v2", "j2"))]), Producer(TOPIC)
    await polled(queue, producer, queue.empty)
    assert [(key, partition) for key, _, partition in producer.sent] == [
        (b"v1", partition_of(b"v1", 4)),
        (b"v2", partition_of(b"v2", 4)),
    ]
    found = [msgspec.json.decode(value, type=JobEnded) for _, value, _ in producer.sent]
    assert [(one.content_id, one.job_id) for one in found] == [("v1", "j1"), ("v2", "j2")]
    assert queue.deleted == ["handle of m1", "handle of m2"]


async def test_a_message_whose_record_is_not_acknowledged_stays() -> None:
    queue, producer = Queue([delivery("m1", said("v1"))]), Producer(TOPIC, deaf=True)
    await polled(queue, producer, producer.asked)
    assert queue.deleted == []


async def test_a_message_that_tells_of_no_job_stays_in_the_queue() -> None:
    queue, producer = Queue([delivery("m1", b"canary"), delivery("m2", said("v2"))]), Producer(TOPIC)
    await polled(queue, producer, queue.empty)
    assert queue.deleted == ["handle of m2"]


async def test_a_queue_that_does_not_answer_is_asked_again_and_ends_nothing() -> None:
    faults = [Fault("access_denied", "deployment"), Fault("unreachable", "retry")]
    queue, producer = Queue(*faults, (), [delivery("m1", said("v1"))]), Producer(TOPIC)
    await polled(queue, producer, queue.empty)
    assert queue.deleted == ["handle of m1"]
