"""A broker for the system tests: our own, a container's, or one that runs already."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError

EMBEDDED = "embedded"
TESTCONTAINERS = "testcontainers"
IMAGE = "confluentinc/cp-kafka:8.1.0"  # Apache Kafka 4.1; testcontainers' own start script fits this family of images
SECONDS = 10.0


@dataclass(frozen=True)
class Kafka:
    """Where Kafka is; `broker` only when it is ours to kill."""

    bootstrap: str
    broker: Broker | None = None


@contextlib.contextmanager
def opened(choice: str) -> Iterator[Kafka]:
    """Yield the broker that MODERATION_TEST_BROKER names. Raises SetUpError when there is none."""
    if choice == EMBEDDED:
        with Broker() as broker:
            yield Kafka(broker.bootstrap, broker)
    elif choice == TESTCONTAINERS:
        with _container() as bootstrap:
            yield Kafka(bootstrap)
    elif ":" in choice:
        _ask(choice)
        yield Kafka(choice)
    else:
        raise SetUpError(f"MODERATION_TEST_BROKER must be {EMBEDDED}, {TESTCONTAINERS} or HOST:PORT, not {choice!r}")


@contextlib.contextmanager
def _container() -> Iterator[str]:
    from docker.errors import DockerException  # type: ignore[import-untyped]
    from testcontainers.community.kafka import KafkaContainer

    try:
        container = KafkaContainer(IMAGE).with_kraft()
        for name, value in {
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
            "KAFKA_MESSAGE_MAX_BYTES": str(4 << 20),
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        }.items():
            container.with_env(name, value)
        container.start(timeout=120)
    except DockerException as error:
        raise SetUpError("Docker does not answer: start it, or set MODERATION_TEST_BROKER=embedded") from error
    try:
        yield container.get_bootstrap_server()
    finally:
        container.stop()


def _ask(bootstrap: str) -> None:
    try:
        AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=SECONDS)
    except KafkaException as error:
        raise SetUpError(f"no Kafka answers at {bootstrap}: check MODERATION_TEST_BROKER") from error
