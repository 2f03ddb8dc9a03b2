"""What executors do about decisions, on a real Kafka and moto's S3: repeats, disorder, kills, and a sink that hangs."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import pytest

from streams.adapters.policies import load
from streams.core.policy import PolicyRef
from streams.embedded.aws import Aws
from tests.system.acted import Buckets, Outcomes, Stored, decision, printed
from tests.system.kafka import Kafka
from tests.system.stream import Stream

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

OBJECTS: Final = 50
SEED: Final = 7
# Decisions, and revisions with an outcome after which the worker is killed.
SIZES: Final = ((250, (15,)), pytest.param(1000, (15, 45), marks=pytest.mark.faults))
ALONE: Final = range(OBJECTS, OBJECTS + 10)  # decisions one after the other, while another sink hangs
AT_ONCE: Final = 3.0  # seconds from such a decision to its outcome
POLICY: Final = """\
id: acting
engines:
  qr: {{action: flag}}
effects:
  - {{name: away, sink: s3, work: quarantine, on: [block], bucket: {quarantine}, prefix: held/}}
  - {{name: marked, sink: s3, work: tag, on: [flag]}}
  - {{name: told, sink: sns, on: [block], topic_arn: "arn:aws:sns:us-east-1:111122223333:alerts"}}
"""


@pytest.fixture
def hanging() -> Iterator[str]:
    """Yield the URL of an endpoint that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=1024)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(("decisions", "kills"), SIZES)
def test_every_object_is_in_the_right_place_once_whatever_repeats_comes_late_or_dies(
    kafka: Kafka, aws: Aws, hanging: str, tmp_path: Path, decisions: int, kills: tuple[int, ...]
) -> None:
    draw, buckets = Random(SEED), Buckets(aws.endpoint)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.format(quarantine=buckets.quarantine), encoding="utf-8")
    ref = load(policy).policy.ref
    courses = [("block",), ("block", "allow"), ("flag", "block"), ("block", "allow", "block"), ("block", "flag")]
    stored = [buckets.stored(n, courses[n % len(courses)], overwritten=n % 7 == 0) for n in range(OBJECTS)]
    each = [(one, revision) for one in stored for revision in range(len(one.actions))]
    wanted = each + [draw.choice(each) for _ in range(decisions - len(each))]
    draw.shuffle(wanted)

    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint, policy=policy, sns_endpoint=hanging) as stream:
        (worker,) = stream.start("execute")
        stream.send(decision(one, revision, ref) for one, revision in wanted)
        with Outcomes(stream) as outcomes:
            for number, least in enumerate(kills, 1):
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
            assert worker.restarts == len(kills)
            log.info(report)
            one = stored[0].content_id
            told = [each for each in printed(stream, "--content", one) if each["sink"] == "s3"]
            assert told == [each for each in outcomes.of["s3"] if each["content_id"] == one]
            assert printed(stream, "--failed") == []


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
