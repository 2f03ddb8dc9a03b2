"""The long fault runs on a real Kafka (`make faults`): the figures of benchmarks/README.md come from here."""

import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from streams.embedded.aws import Aws
from streams.embedded.broker import Broker
from tests.system import faults
from tests.system.faults import Result, under_load
from tests.system.load import Plan
from tests.system.pictures import bucket, drawn
from tests.system.stream import Stream

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

RATE = 500.0  # messages a second
SESSION = 6.0  # seconds, the default
ROLES = ("screen", "uploads", "media", "join")
TEXTS = Plan(21, faults.ENDLESS, conversations=500)
WINDOWS = 100_000


@pytest.fixture
def mixed(aws: Aws) -> Plan:
    """Return a plan of texts, texts with pictures, uploads and notifications."""
    keys = tuple(f"{n}.png" for n in range(12))
    where = bucket(aws.endpoint, {key: drawn(n) for n, key in enumerate(keys)})
    return replace(TEXTS, pictured=0.02, uploads=0.01, notified=0.01, bucket=where, pictures=keys)


def sound(result: Result) -> None:
    """Fail with the places of what is wrong."""
    assert result.anomalies == {}, result.examples


def test_a_faultless_run_is_sound(own_broker: Broker, aws: Aws, mixed: Plan, tmp_path: Path) -> None:
    with Stream(own_broker.bootstrap, tmp_path, aws=aws.endpoint, session_timeout=SESSION) as stream:
        stream.start(*ROLES)
        result = under_load(stream, Result("none", 0, 20), mixed, RATE, lambda *_: time.sleep(20))
    sound(result)
    assert result.ends == []


def test_ten_kills_of_the_only_worker(own_broker: Broker, tmp_path: Path) -> None:
    with Stream(own_broker.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen")
        result = under_load(stream, Result("kill -9, screen", 10, 21), TEXTS, RATE, faults.kills(10, ("screen",)))
    sound(result)
    assert result.ends == [-9] * 10
    assert max(result.recovery) < SESSION + 5


def test_ten_kills_over_all_roles(own_broker: Broker, aws: Aws, mixed: Plan, tmp_path: Path) -> None:
    roles = ("media", "join", "uploads", "screen")
    with Stream(own_broker.bootstrap, tmp_path, aws=aws.endpoint, session_timeout=SESSION) as stream:
        stream.start(*ROLES)
        result = under_load(stream, Result("kill -9, every role", 10, 22), mixed, RATE, faults.kills(10, roles))
    sound(result)
    assert result.ends.count(-9) == 10


@pytest.mark.parametrize("asleep", [SESSION + 3, 40.0])
def test_three_zombies(own_broker: Broker, tmp_path: Path, asleep: float) -> None:
    with Stream(own_broker.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen", "screen")
        times = 3 if asleep < 40 else 1
        result = under_load(
            stream, Result(f"zombie, {asleep:.0f} s", times, 23), TEXTS, RATE, faults.zombies(times, asleep)
        )
    sound(result)


def test_a_storm_of_joins_and_leaves(own_broker: Broker, tmp_path: Path) -> None:
    with Stream(own_broker.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen", "screen")
        result = under_load(stream, Result("join and leave", 20, 24), TEXTS, RATE, faults.membership(20, 3, 2.0))
    sound(result)


def test_the_broker_dies_three_times_cleanly_and_three_times_hard(own_broker: Broker, tmp_path: Path) -> None:
    with Stream(own_broker.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen", "screen")
        result = under_load(
            stream, Result("broker, clean and hard", 6, 25), TEXTS, RATE, faults.broker_deaths(own_broker, 6)
        )
    sound(result)


def test_a_hundred_thousand_windows_are_back_within_the_session_and_five_seconds(
    own_broker: Broker, tmp_path: Path
) -> None:
    full = Plan(26, WINDOWS * 10, "full", conversations=WINDOWS, skew=0.0, repeated=0.0, bad=0.0)
    with Stream(own_broker.bootstrap, tmp_path, session_timeout=SESSION) as stream:
        stream.start("screen")
        filling = stream.feed(full)
        filled = filling.done(1200)
        stream.drained(filled, seconds=600)
        plan = replace(TEXTS, seed=27, name="after")
        feeding = stream.feed(plan, RATE)
        result = Result("kill -9, 100,000 windows", 3, 27)
        started = time.monotonic()
        faults.flows(stream)
        faults.kills(3, ("screen",))(stream, result, Random(27))
        stream.drained(filled, feeding.stop(), seconds=120)
        verdict = stream.checked()
        result.counts, result.anomalies, result.examples = verdict["counts"], verdict["anomalies"], verdict["examples"]
        result.seconds = time.monotonic() - started
        result.told()
    sound(result)
    assert max(result.recovery) < SESSION + 5
