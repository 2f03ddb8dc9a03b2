"""`moderation topics` against a real broker."""

import json
import subprocess
import sys
import uuid
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType
from pydantic import SecretStr

from streams.adapters.topics import Refused, Unreachable, apply, check
from streams.settings import Settings
from streams.topology import topics
from tests.system.kafka import Kafka
from tests.waiting import until

pytestmark = pytest.mark.system


@pytest.fixture
def settings(kafka: Kafka) -> Settings:
    """Return settings with a topic prefix of this test alone."""
    return Settings(bootstrap=kafka.bootstrap, topic_prefix=f"t{uuid.uuid4().hex[:8]}.", partitions=2)


def admin(settings: Settings) -> AdminClient:
    return AdminClient({"bootstrap.servers": settings.bootstrap, "log_level": 0})


def config(settings: Settings, topic: str) -> dict[str, str]:
    """Return what the broker has as a topic's configuration."""
    client = admin(settings)  # its end would end the question
    (future,) = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return {name: entry.value for name, entry in future.result(20).items()}


def configure(settings: Settings, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = admin(settings)
    for future in client.incremental_alter_configs([resource]).values():
        future.result(20)
    until(lambda: config(settings, topic)[name] == value, 20)


def command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "MODERATION_BOOTSTRAP": settings.bootstrap,
        "MODERATION_TOPIC_PREFIX": settings.topic_prefix,
        "MODERATION_PARTITIONS": str(settings.partitions),
    }
    return subprocess.run(
        [sys.executable, "-m", "streams", "topics", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_topic_is_created_once(settings: Settings) -> None:
    names = {settings.topic_prefix + spec.name for spec in topics()}
    assert {(problem.topic, problem.problem) for problem in check(settings)} == {(name, "missing") for name in names}
    assert {(change.topic, change.change) for change in apply(settings)} == {(name, "created") for name in names}
    assert check(settings) == []
    assert apply(settings) == []
    there = admin(settings).list_topics(timeout=20).topics
    assert {len(there[name].partitions) for name in names} == {2}
    state = config(settings, f"{settings.topic_prefix}screen-windows-state")
    assert (state["cleanup.policy"], state["segment.bytes"]) == ("compact", str(16 << 20))
    assert config(settings, f"{settings.topic_prefix}actions")["retention.ms"] == str(90 * 86_400_000)


def test_a_state_topic_that_lost_its_compaction_gets_it_back(settings: Settings) -> None:
    apply(settings)
    state = f"{settings.topic_prefix}join-cases-state"
    configure(settings, state, "cleanup.policy", "delete")
    assert [(problem.topic, problem.problem) for problem in check(settings)] == [(state, "cleanup")]
    assert [(change.topic, change.change, change.text) for change in apply(settings)] == [
        (state, "configured", "cleanup.policy=compact")
    ]
    assert check(settings) == []


def test_an_operators_retention_stays(settings: Settings) -> None:
    apply(settings)
    configure(settings, f"{settings.topic_prefix}actions", "retention.ms", "123456789")
    assert check(settings) == []
    assert apply(settings) == []
    assert config(settings, f"{settings.topic_prefix}actions")["retention.ms"] == "123456789"


def test_another_partition_count_is_told_and_never_changed(settings: Settings) -> None:
    name = f"{settings.topic_prefix}messages"
    client = admin(settings)
    client.create_topics([NewTopic(name, 3, 1)])[name].result(20)
    assert name not in {change.topic for change in apply(settings)}
    assert [(problem.topic, problem.problem) for problem in check(settings)] == [(name, "partitions")]
    assert len(admin(settings).list_topics(timeout=20).topics[name].partitions) == 3


def test_more_replicas_than_brokers_are_refused_before_anything_is_created(settings: Settings) -> None:
    with pytest.raises(Refused, match="MODERATION_REPLICATION"):
        apply(settings.model_copy(update={"replication": 3}))
    assert not [
        name for name in admin(settings).list_topics(timeout=20).topics if name.startswith(settings.topic_prefix)
    ]


def test_the_command_line_creates_checks_and_tells_by_its_exit_code(settings: Settings) -> None:
    def rows(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        done = command(settings, *arguments, "--json")
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)

    code, missing = rows("check")
    assert code == 1
    assert {row["problem"] for row in missing} == {"missing"}
    code, created = rows("apply")
    assert code == 0
    assert len(created) == len(missing)
    assert rows("apply") == (0, [])
    assert rows("check") == (0, [])
    assert command(settings, "check").stdout == "every topic is as it should be\n"
    assert command(settings, "apply").stdout == "every topic is there already\n"


def test_a_broker_that_does_not_let_us_in_is_one_line_without_the_password(settings: Settings) -> None:
    signed = {"security_protocol": "SASL_PLAINTEXT", "allow_plaintext": True, "sasl_username": "worker"}
    refused = Settings(bootstrap=settings.bootstrap, sasl_password=SecretStr("swordfish"), **signed)  # type: ignore[arg-type]
    with pytest.raises(Unreachable) as caught:
        check(refused, timeout=2.0)
    assert "\n" not in str(caught.value)
    assert "swordfish" not in str(caught.value)
