"""What executors do about decisions, on a real Kafka and moto's S3: repeats, disorder, kills, and a sink that hangs."""

import json
import logging
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from streams.adapters.policies import load
from streams.core.content import Location
from streams.core.decision import Decision, decision_id
from streams.core.judged_object import JudgedObject
from streams.core.moment import iso
from streams.core.policy import PolicyRef
from streams.embedded.aws import Aws
from tests.system.kafka import Kafka
from tests.system.load import Sent
from tests.system.pictures import client
from tests.system.processes import ROOT, python
from tests.system.stream import Stream

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

OBJECTS: Final = 50
DECISIONS: Final = 1000
SEED: Final = 7
KILLS: Final = (15, 45)  # revisions with an outcome after which the worker is killed
END: Final = 90.0  # seconds in which everything has an outcome
ALONE: Final = range(OBJECTS, OBJECTS + 10)  # decisions one after the other, while another sink hangs
AT_ONCE: Final = 3.0  # seconds from such a decision to its outcome
POLL: Final = 0.05
ANSWER: Final = 15.0  # seconds that a broker has to answer
POLICY: Final = """\
id: acting
engines:
  qr: {{action: flag}}
effects:
  - {{name: away, sink: s3, work: quarantine, on: [block], bucket: {quarantine}, prefix: held/}}
  - {{name: marked, sink: s3, work: tag, on: [flag]}}
  - {{name: told, sink: sns, on: [block], topic_arn: "arn:aws:sns:us-east-1:111122223333:alerts"}}
"""


@dataclass(frozen=True)
class Stored:
    """An object that was judged, and the decisions on it."""

    content_id: str
    body: bytes
    judged: JudgedObject
    actions: tuple[str, ...]  # of its revisions
    newer: bytes | None  # what was stored over it

    @property
    def blocked(self) -> bool:
        """Say whether the last decision blocks."""
        return self.actions[-1] == "block"


class Buckets:
    """Two buckets of uploads, one with versions, and a quarantine with versions: a second copy would show."""

    def __init__(self, endpoint: str) -> None:
        self.client = client(endpoint)
        name = uuid.uuid4().hex[:8]
        self.versioned, self.plain, self.quarantine = f"v-{name}", f"p-{name}", f"q-{name}"
        for bucket in (self.versioned, self.plain, self.quarantine):
            self.client.create_bucket(Bucket=bucket)
        for bucket in (self.versioned, self.quarantine):
            self.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def stored(self, number: int, actions: tuple[str, ...], *, overwritten: bool = False) -> Stored:
        """Store an object, every second one with versions; one that is overwritten always has them."""
        bucket = self.versioned if overwritten or number % 2 else self.plain
        key, body = f"u/{number}.png", f"object {number}".encode()
        answer = self.client.put_object(Bucket=bucket, Key=key, Body=body)
        newer = f"newer {number}".encode() if overwritten else None
        if newer is not None:
            self.client.put_object(Bucket=bucket, Key=key, Body=newer)
        location = Location(bucket=bucket, key=key, version_id=answer.get("VersionId"), etag=answer["ETag"].strip('"'))
        return Stored(f"c{number}", body, JudgedObject("image", location, size=len(body)), actions, newer)

    def lying(self, *buckets: str) -> dict[bytes, int]:
        """Return how often each bytes lie in buckets, every version counted."""
        found: dict[bytes, int] = {}
        for bucket in buckets:
            for row in self.client.list_object_versions(Bucket=bucket).get("Versions", []):
                pin = {} if row["VersionId"] == "null" else {"VersionId": row["VersionId"]}
                body = self.client.get_object(Bucket=bucket, Key=row["Key"], **pin)["Body"].read()
                found[body] = found.get(body, 0) + 1
        return found


def decision(one: Stored, revision: int, ref: PolicyRef) -> Sent:
    """Return the record of a decision on a stored object."""
    now = iso(int(time.time() * 1000))
    made = Decision(
        decision_id=decision_id(one.content_id, revision),
        content_id=one.content_id,
        kind="image",
        user_id="u",
        revision=revision,
        action=one.actions[revision],  # type: ignore[arg-type]  # one of the closed set
        labels=(),
        triggered=(),
        shadow=(),
        reports=(),
        context=(),
        policy=ref,
        source="automatic" if revision == 0 else "moderator",
        escalate=False,
        partial=False,
        reason="a test",
        received_at=now,
        decided_at=now,
        objects=(one.judged,),
    )
    return Sent("actions", one.content_id.encode(), msgspec.json.encode(made))


class Outcomes:
    """The committed outcomes, as they come. A context manager."""

    def __init__(self, stream: Stream) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": stream.bootstrap,
                "group.id": "outcomes",  # asked for by the library, never joined
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 20,
                "log_level": 0,
            }
        )
        name = f"{stream.prefix}outcomes"
        parts = self._consumer.list_topics(name, timeout=ANSWER).topics[name].partitions
        self._consumer.assign([TopicPartition(name, part, OFFSET_BEGINNING) for part in parts])
        self.of: dict[str, list[dict[str, Any]]] = {"s3": [], "sns": []}
        # Of the objects: the last outcome of each content and revision, and one of it that is done.
        self.ends: dict[tuple[str, int], dict[str, Any]] = {}

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """End."""
        self._consumer.close()

    def until(self, found: Callable[[], bool], what: str, seconds: float = END) -> None:
        """Take outcomes until something holds; raise TimeoutError."""
        deadline = time.monotonic() + seconds
        while not found():
            if time.monotonic() > deadline:
                raise TimeoutError(what)
            for message in self._consumer.consume(1000, POLL):
                assert message.error() is None
                self._take(json.loads(message.value() or b""))

    def _take(self, one: dict[str, Any]) -> None:
        self.of[one["sink"]].append(one)
        key = one["content_id"], one["revision"]
        if one["sink"] == "s3" and one["status"] != "waiting" and self.ends.get(key, {}).get("status") != "done":
            self.ends[key] = one


@pytest.fixture
def hanging() -> Iterator[str]:
    """Yield the URL of an endpoint that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=1024)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_every_object_is_in_the_right_place_once_whatever_repeats_comes_late_or_dies(
    kafka: Kafka, aws: Aws, hanging: str, tmp_path: Path
) -> None:
    draw, buckets = Random(SEED), Buckets(aws.endpoint)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.format(quarantine=buckets.quarantine), encoding="utf-8")
    ref = load(policy).policy.ref
    courses = [("block",), ("block", "allow"), ("flag", "block"), ("block", "allow", "block"), ("block", "flag")]
    stored = [buckets.stored(n, courses[n % len(courses)], overwritten=n % 7 == 0) for n in range(OBJECTS)]
    each = [(one, revision) for one in stored for revision in range(len(one.actions))]
    wanted = each + [draw.choice(each) for _ in range(DECISIONS - len(each))]
    draw.shuffle(wanted)

    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint, policy=policy, sns_endpoint=hanging) as stream:
        (worker,) = stream.start("execute")
        stream.send(decision(one, revision, ref) for one, revision in wanted)
        with Outcomes(stream) as outcomes:
            for number, least in enumerate(KILLS, 1):
                outcomes.until(partial(lambda least: len(outcomes.ends) >= least, least), f"{least} outcomes")
                worker.kill()
                worker.await_restart(number)
            newest = {(one.content_id, len(one.actions) - 1) for one in stored}
            outcomes.until(lambda: newest <= outcomes.ends.keys(), "an outcome of every newest decision")
            in_their_places(stored, buckets, outcomes)

            # The alerts hang all the while: none is out, none is lost, and objects are moved at once.
            waits = sorted(moved_in(stream, buckets.stored(number, ("block",)), ref, outcomes) for number in ALONE)
            report = f"seconds to an outcome: median {waits[len(waits) // 2]:.2f}, longest {waits[-1]:.2f}"
            assert waits[-1] < AT_ONCE, report
            outcomes.until(lambda: bool(outcomes.of["sns"]), "an outcome of an alert")
            assert {one["status"] for one in outcomes.of["sns"]} <= {"waiting", "superseded"}
            assert worker.restarts == len(KILLS)
            log.info(report)
            one = stored[0].content_id
            told = [each for each in printed(stream, "--content", one) if each["sink"] == "s3"]
            assert told == [each for each in outcomes.of["s3"] if each["content_id"] == one]
            assert printed(stream, "--failed") == []


def printed(stream: Stream, *arguments: str) -> list[dict[str, Any]]:
    """Return what `moderation outcomes` prints."""
    command = python("-m", "streams", "outcomes", "--since", "1h", "--json", *arguments)
    done = subprocess.run(command, env=stream.environment, capture_output=True, check=True, cwd=ROOT, timeout=END)
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_their_places(stored: list[Stored], buckets: Buckets, outcomes: Outcomes) -> None:
    """Fail unless every judged object lies once where its newest decision wants it, and what is newer where it lay."""
    in_quarantine, at_home = buckets.lying(buckets.quarantine), buckets.lying(buckets.versioned, buckets.plain)
    for one in stored:
        end = outcomes.ends[one.content_id, len(one.actions) - 1]
        away, home = in_quarantine.get(one.body, 0), at_home.get(one.body, 0)
        assert (away, home) in {(1, 0), (0, 1)}, (one, end)
        assert one.newer is None or at_home[one.newer] == 1, one
        if end["status"] == "superseded":  # a newer object lies where it would go back to
            assert one.newer is not None
            assert (end["reason"], one.blocked, away) == ("newer_object", False, 1), end
        else:
            assert (end["status"], away) == ("done", int(one.blocked)), (one, end)
    newer = sum(one.newer is not None for one in stored)
    assert sum(in_quarantine.values()) + sum(at_home.values()) == OBJECTS + newer


def moved_in(stream: Stream, one: Stored, ref: PolicyRef, outcomes: Outcomes) -> float:
    """Return the seconds from a decision to what became of its object."""
    began = time.monotonic()
    stream.send([decision(one, 0, ref)])
    outcomes.until(lambda: (one.content_id, 0) in outcomes.ends, one.content_id)
    return time.monotonic() - began
