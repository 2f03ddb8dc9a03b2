"""What executors act on, for tests: objects in buckets, decisions on them, and the outcomes as they come."""

import json
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from streams.core.content import Location
from streams.core.decision import Decision, decision_id
from streams.core.judged_object import JudgedObject
from streams.core.moment import iso
from streams.core.policy import PolicyRef
from tests.system.load import Sent
from tests.system.pictures import client
from tests.system.processes import ROOT, python
from tests.system.stream import Stream

END: Final = 90.0  # seconds in which everything has an outcome
POLL: Final = 0.05
ANSWER: Final = 15.0  # seconds that a broker has to answer


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


def decision(one: Stored, revision: int, ref: PolicyRef, *others: Stored) -> Sent:
    """Return the record of a decision on a stored object, and on others of the same content."""
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
        objects=(one.judged, *(other.judged for other in others)),
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


def printed(stream: Stream, *arguments: str) -> list[dict[str, Any]]:
    """Return what `moderation outcomes` prints."""
    command = python("-m", "streams", "outcomes", "--since", "1h", "--json", *arguments)
    done = subprocess.run(command, env=stream.environment, capture_output=True, check=True, cwd=ROOT, timeout=END)
    return [json.loads(line) for line in done.stdout.splitlines()]
