"""Stored videos judged by jobs of a service on loopback: crashes, a lost notification, no room; one job for each."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from streams.embedded.aws import Aws as Emulator
from streams.embedded.aws import environment
from tests.loopback.aws import Aws
from tests.loopback.served import Served
from tests.loopback.videos import Videos
from tests.system.checker import Log
from tests.system.kafka import Kafka
from tests.system.load import CREATED, Sent
from tests.system.stream import Stream
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

ROLES: Final = ("uploads", "join", "rekognition_video")
GUNS: Final = [(at, *label) for at in (2000, 2500) for label in (("Violence", "", 96.0), ("Weapons", "Violence", 96.0))]
POLICY: Final = """\
id: films
engines:
  rekognition_video:
    region: us-east-1
    endpoint: {endpoint}
    topic_arn: arn:aws:sns:us-east-1:123456789012:AmazonRekognitionJobs
    role_arn: arn:aws:iam::123456789012:role/rekognition
    queue_url: {queue}
    poll: 4s
    timeout: 5s
    categories:
      violence: {{min_confidence: 60, action: block, why: weapons}}
deadline: {deadline}
"""


class Mailbox:
    """A queue of the emulator that the service's notifications go to."""

    def __init__(self, endpoint: str) -> None:
        given = environment()
        session: Any = boto3.session.Session()
        self._sqs = session.client(
            "sqs",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )
        self.url: str = self._sqs.create_queue(QueueName=f"jobs-{uuid.uuid4().hex[:8]}")["QueueUrl"]

    def put(self, body: str) -> None:
        """Put a message into the queue."""
        self._sqs.send_message(QueueUrl=self.url, MessageBody=body)

    @property
    def left(self) -> int:
        """Return how many messages were not deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


@pytest.fixture
def mailbox(aws: Emulator) -> Mailbox:
    """Return a queue of this test alone."""
    return Mailbox(aws.endpoint)


@pytest.fixture
def films(mailbox: Mailbox) -> Iterator[tuple[Videos, Served[Aws]]]:
    """Yield a service that runs two jobs at a time, each until the test ends it, and loses what it says of `lost`."""
    videos = Videos([("guns", GUNS)], most=2, silent="lost", tell=mailbox.put)
    videos.held = lambda _key: True
    with Served(Aws(videos.handlers)) as served:
        yield videos, served


def written(folder: Path, served: Served[Aws], mailbox: Mailbox, deadline: str) -> Path:
    path = folder / "films.yaml"
    path.write_text(POLICY.format(endpoint=served.url, queue=mailbox.url, deadline=deadline))
    return path


def video(content_id: str) -> Sent:
    """Return the upload of a video that lies in a bucket under its content id."""
    upload = {
        "content_id": content_id,
        "kind": "video",
        "user": {"id": "u"},
        "location": {"bucket": "media", "key": f"{content_id}.mp4", "version_id": "v1"},
        "created_at": CREATED,
    }
    return Sent("uploads", content_id.encode(), json.dumps(upload).encode())


def started(served: Served[Aws]) -> list[str]:
    """Return the tags of the questions for a job, in their order."""
    calls = served.endpoint.calls
    return [call.request["JobTag"] for call in calls if call.operation == "StartContentModeration"]


def test_each_video_has_one_job_and_one_decision_over_crashes_a_lost_message_and_no_room(
    kafka: Kafka, aws: Emulator, mailbox: Mailbox, films: tuple[Videos, Served[Aws]], tmp_path: Path
) -> None:
    videos, served = films
    policy = written(tmp_path, served, mailbox, "180s")
    # Soon after a crash the queue gives again what a poll of the killed worker took.
    with Stream(kafka.bootstrap, tmp_path, policy=policy, sqs_wait=1, sqs_visibility=3) as stream:
        stream.environment["AWS_ENDPOINT_URL_SQS"] = aws.endpoint
        stream.start(*ROLES)
        worker = stream.worker("rekognition_video")

        served.hold()
        stream.send([video("guns-told"), video("lost")])
        until(lambda: len(served.endpoint.requests) >= 2, 60)
        worker.kill()  # the jobs begin, and whoever asked never hears of it
        served.release()
        until(lambda: len(started(served)) >= 4, 60)
        stream.send([video("waits")])
        until(lambda: "waits" in started(served), 60)
        assert {job.key for job in videos.jobs.values()} == {"guns-told.mp4", "lost.mp4"}
        worker.kill()  # what runs and what waits lies in the table
        worker.await_restart(2)

        videos.end("guns-told.mp4")
        videos.end("lost.mp4")
        told, lost = stream.decided("guns-told", "lost")
        until(lambda: len(videos.jobs) == 3, 60)
        videos.end("waits.mp4")
        (waits,) = stream.decided("waits")

        assert (told["action"], lost["action"], waits["action"]) == ("block", "allow", "allow")
        (line,) = told["triggered"]
        assert (line["rule"], line["confidence"]) == ("violence_60", 96.0)
        assert line["evidence"] == [{"frame": [2000, 3000], "count": 2, "entity": "Weapons"}]
        (report,) = told["reports"]
        assert (report["status"], report["version"]) == ("ok", "1/7.0")
        assert len(videos.jobs) == 3
        assert {(job.request["JobTag"], job.key) for job in videos.jobs.values()} == {
            (name, f"{name}.mp4") for name in ("guns-told", "lost", "waits")
        }
        until(lambda: mailbox.left == 0, 60)
        with Log(stream.bootstrap, stream.prefix) as log:
            records = [json.loads(record.value or b"") for record in log.read("tasks-rekognition-video")]
        ended = {record["content_id"] for record in records if record["type"] == "job_ended"}
        assert ended == {"guns-told", "waits"}
        verdict = stream.checked()
        assert verdict["sound"], verdict["examples"]


def test_a_job_that_does_not_end_is_a_timeout_before_the_deadline_and_holds(
    kafka: Kafka, aws: Emulator, mailbox: Mailbox, films: tuple[Videos, Served[Aws]], tmp_path: Path
) -> None:
    _, served = films
    with Stream(kafka.bootstrap, tmp_path, policy=written(tmp_path, served, mailbox, "8s")) as stream:
        stream.environment["AWS_ENDPOINT_URL_SQS"] = aws.endpoint
        stream.start(*ROLES)
        stream.send([video("endless")])
        (made,) = stream.decided("endless")
        (report,) = made["reports"]
        assert (report["status"], report["reason"]) == ("timeout", "job_not_finished")  # the engine's word, in time
        assert (made["action"], made["partial"]) == ("flag", True)
        assert stream.checked()["sound"]
