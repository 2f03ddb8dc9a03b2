"""Short faults under load on a real Kafka, each held to the checker: nothing lost, nothing twice, contexts exact."""

from pathlib import Path

import pytest

from streams.embedded.aws import Aws
from streams.embedded.broker import Broker
from tests.system import faults
from tests.system.faults import Result, under_load
from tests.system.kafka import Kafka
from tests.system.load import Plan
from tests.system.pictures import bucket, drawn
from tests.system.stream import Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

RATE = 100.0  # messages a second
SESSION = 3.0  # seconds
TEXTS = Plan(11, faults.ENDLESS, conversations=100)


def test_three_workers_are_killed(kafka: Kafka, aws: Aws, tmp_path: Path) -> None:
    where = bucket(aws.endpoint, {f"{n}.png": drawn(n) for n in range(6)})
    keys = tuple(f"{n}.png" for n in range(6))
    plan = Plan(12, faults.ENDLESS, conversations=100, pictured=0.03, uploads=0.02, bucket=where, pictures=keys)
    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint, session_timeout=SESSION) as stream:
        stream.start("screen", "uploads", "media", "join")
        result = under_load(stream, Result("kill -9", 3, 12), plan, RATE, faults.kills(3, ("screen", "join", "media")))
    assert result.anomalies == {}, result.examples
    assert result.ends.count(-9) == 3
    assert max(result.recovery) < SESSION + 5


def test_a_worker_sleeps_past_its_session_and_wakes(kafka: Kafka, tmp_path: Path) -> None:
    with Stream(kafka.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen", "screen")
        result = under_load(stream, Result("zombie", 1, 13), TEXTS, RATE, faults.zombies(1, SESSION + 3))
    assert result.anomalies == {}, result.examples


def test_a_second_worker_joins_and_leaves(kafka: Kafka, tmp_path: Path) -> None:
    def joins_and_leaves(stream: Stream, *_: object) -> None:
        (second,) = stream.start("screen")
        faults.flows(stream)
        assert second.leave() == 0
        faults.flows(stream)

    with Stream(kafka.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen")
        result = under_load(stream, Result("join and leave", 1, 14), TEXTS, RATE, joins_and_leaves)
    assert result.anomalies == {}, result.examples
    assert result.ends == []


def test_the_broker_is_killed_and_comes_back(own_broker: Broker, tmp_path: Path) -> None:
    with Stream(own_broker.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen")
        result = under_load(stream, Result("broker", 1, 15), TEXTS, RATE, faults.broker_deaths(own_broker, 1))
    assert result.anomalies == {}, result.examples
