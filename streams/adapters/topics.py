"""Topics on the brokers: the list of `topology` and the settings in, changes made or problems found out.

`apply` creates what is missing and mends how topics are cleaned up. It never deletes a topic, never changes a partition
count (records of one key would lie in two partitions) and never a retention that an operator has set.
"""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
    TopicMetadata,
)

from streams import topology
from streams.adapters.kafka import connection
from streams.settings import Settings
from streams.topology import TopicSpec, full_name

TIMEOUT: Final = 10.0  # seconds for the brokers to answer one question
PAUSE: Final = 0.1  # seconds between two looks at a change
STEP: Final = 1.0  # seconds after which a question for metadata is put again
SAFE_REPLICATION: Final = 3  # from here on two replicas must have a record before it counts as written


class Unreachable(Exception):
    """No broker answers, or it refuses to; one line that says what to do."""

    exit_code: Final = 69  # EX_UNAVAILABLE of sysexits.h


class Refused(Exception):
    """The brokers refuse a change; one line that says which and why."""

    exit_code: Final = 1


@dataclass(frozen=True)
class Problem:
    """What is not as it must be (`error`: workers do not start) or as it should be (`hint`)."""

    topic: str
    problem: Literal["missing", "partitions", "cleanup", "unreadable", "replication", "compaction", "min_insync"]
    level: Literal["error", "hint"]
    text: str


@dataclass(frozen=True)
class Change:
    """What `apply` did to a topic."""

    topic: str
    change: Literal["created", "configured"]
    text: str


class Topics:
    """The topics of one installation on one cluster."""

    def __init__(self, settings: Settings, timeout: float = TIMEOUT) -> None:
        self._settings = settings
        self._timeout = timeout
        self._complaint: KafkaError | None = None
        self._admin = AdminClient({**connection(settings), "error_cb": self._complained})
        self._specs = {full_name(settings.topic_prefix, spec.name): spec for spec in topology.topics()}

    def check(self) -> list[Problem]:
        """Return all problems, worst first; raise Unreachable."""
        there = self._metadata().topics
        configs = self._configs(name for name in self._specs if name in there)
        found = [
            problem
            for name, spec in self._specs.items()
            for problem in problems(name, spec, there.get(name), configs.get(name), self._settings)
        ]
        return sorted(found, key=lambda problem: problem.level)

    def apply(self) -> list[Change]:
        """Create missing topics and mend how the others are cleaned up; raise Unreachable or Refused."""
        cluster = self._metadata()
        missing = [name for name in self._specs if name not in cluster.topics]
        if missing and len(cluster.brokers) < self._settings.replication:
            raise Refused(
                f"{self._settings.replication} replicas need as many brokers, and {len(cluster.brokers)} "
                f"answered: set MODERATION_REPLICATION"
            )
        return [*self._create(missing), *self._mend([name for name in self._specs if name not in missing])]

    def _create(self, names: list[str]) -> list[Change]:
        if not names:
            return []
        partitions, replicas = self._settings.partitions, self._settings.replication
        wanted = [
            NewTopic(name, partitions, replicas, config=creation_config(self._specs[name], replicas)) for name in names
        ]
        futures = self._admin.create_topics(wanted, operation_timeout=self._timeout, request_timeout=self._timeout)
        created = [name for name, future in futures.items() if self._done(name, future)]
        self._await(created)
        return [Change(name, "created", f"{partitions} partitions, {replicas} replicas") for name in created]

    def _mend(self, names: list[str]) -> list[Change]:
        wrong = self._different(names)
        resources = [
            ConfigResource(
                ResourceType.TOPIC,
                name,
                incremental_configs=[
                    ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                    for key, value in different.items()
                ],
            )
            for name, different in wrong.items()
        ]
        if not resources:
            return []
        for resource, future in self._admin.incremental_alter_configs(resources, request_timeout=self._timeout).items():
            self._done(resource.name, future)
        self._await_configs(list(wrong))
        return [
            Change(name, "configured", ", ".join(f"{key}={value}" for key, value in different.items()))
            for name, different in wrong.items()
        ]

    def _different(self, names: list[str]) -> dict[str, dict[str, str]]:
        """Return for each topic that is cleaned up otherwise what must be set."""
        found = {name: differences(self._specs[name], config or {}) for name, config in self._configs(names).items()}
        return {name: different for name, different in found.items() if different}

    def _await_configs(self, names: list[str]) -> None:
        """Wait until changed configurations are told; raise Unreachable when that takes too long."""
        deadline = time.monotonic() + self._timeout
        while left := self._different(names):
            if time.monotonic() > deadline:
                raise Unreachable(f"topic {next(iter(left))} was configured and is not so yet: check again later")
            time.sleep(PAUSE)

    def _done(self, name: str, future: "Future[Any]") -> bool:
        """Say whether a change was made now; False when somebody else has just made it."""
        try:
            future.result(self._timeout + STEP)
        except KafkaException as error:
            cause = error.args[0]
            if cause.code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise Refused(f"{name}: the broker refuses: {_line(cause)}") from None
        except TimeoutError:
            raise self._unreachable(None) from None
        return True

    def _await(self, names: list[str]) -> None:
        """Wait until new topics are known with all of their partitions; raise Unreachable when that takes too long."""
        deadline = time.monotonic() + self._timeout
        while True:
            there = self._metadata().topics
            left = [n for n in names if n not in there or len(there[n].partitions) != self._settings.partitions]
            if not left:
                return
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"topic {left[0]} was created and is not there after {self._timeout:.0f} s: try again"
                )
            time.sleep(PAUSE)

    def _metadata(self) -> ClusterMetadata:
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                return self._admin.list_topics(timeout=min(STEP, self._timeout))
            except KafkaException as error:
                self._admin.poll(0)  # hears why
                if self._signing_in_failed() or time.monotonic() > deadline:
                    raise self._unreachable(error.args[0]) from None

    def _configs(self, names: Iterable[str]) -> dict[str, Mapping[str, str] | None]:
        """Return each topic's configuration; None where reading it is not allowed."""
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        found: dict[str, Mapping[str, str] | None] = {}
        for resource, future in self._admin.describe_configs(resources, request_timeout=self._timeout).items():
            try:
                entries = future.result(self._timeout + STEP)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
                    raise self._unreachable(error.args[0]) from None
                found[resource.name] = None
            except TimeoutError:
                raise self._unreachable(None) from None
            else:
                found[resource.name] = {key: str(entry.value) for key, entry in entries.items()}
        return found

    def _complained(self, error: KafkaError) -> None:
        if self._complaint is None or error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - its public name
            self._complaint = error

    def _signing_in_failed(self) -> bool:
        codes = (KafkaError._AUTHENTICATION, KafkaError._SSL)  # noqa: SLF001 - their public names
        return self._complaint is not None and self._complaint.code() in codes

    def _unreachable(self, error: KafkaError | None) -> Unreachable:
        if self._signing_in_failed():
            return Unreachable(f"Kafka refuses to let us in: {_line(self._complaint)}")
        why = f" ({_line(self._complaint or error)})" if self._complaint or error else ""
        return Unreachable(
            f"no Kafka broker answers at {self._settings.bootstrap}{why}: "
            f"start one with `moderation broker`, or set MODERATION_BOOTSTRAP"
        )


def apply(settings: Settings, timeout: float = TIMEOUT) -> list[Change]:
    """Make the topics as the topology says and return what was done, nothing at a repeat.

    Raises Unreachable, Refused, or Misconfigured; `timeout` is seconds for each question.
    """
    return Topics(settings, timeout).apply()


def check(settings: Settings, timeout: float = TIMEOUT) -> list[Problem]:
    """Return what is not as the topology says, errors before hints; raise Unreachable or Misconfigured."""
    return Topics(settings, timeout).check()


def creation_config(spec: TopicSpec, replicas: int) -> dict[str, str]:
    """Return the configuration with which a topic is created."""
    return {**spec.config(), **({"min.insync.replicas": "2"} if replicas >= SAFE_REPLICATION else {})}


def differences(spec: TopicSpec, config: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a topic's cleanup that must be made; retention and what cannot be read are left alone."""
    wanted = spec.config()
    if spec.cleanup == "delete" and config.get("cleanup.policy") == "delete":
        return {}
    return {key: value for key, value in wanted.items() if key in config and config[key] != value}


def problems(
    name: str, spec: TopicSpec, topic: TopicMetadata | None, config: Mapping[str, str] | None, settings: Settings
) -> list[Problem]:
    """Return what is wrong with one topic, as the brokers describe it; None for what they do not."""
    if topic is None:
        return [Problem(name, "missing", "error", "does not exist: run `moderation topics apply`")]
    found = []
    if len(topic.partitions) != settings.partitions:
        text = (
            f"has {len(topic.partitions)} partitions instead of {settings.partitions}: "
            "set MODERATION_PARTITIONS, or start with another MODERATION_TOPIC_PREFIX"
        )
        found.append(Problem(name, "partitions", "error", text))
    if config is None:
        return [
            *found,
            Problem(name, "unreadable", "hint", "its configuration may not be read: allow DESCRIBE_CONFIGS"),
        ]
    if config.get("cleanup.policy") != spec.cleanup:
        text = f"is cleaned up by {config.get('cleanup.policy')}, not {spec.cleanup}: run `moderation topics apply`"
        found.append(Problem(name, "cleanup", "error", text))
    elif differences(spec, config):
        text = f"would be compacted late ({', '.join(differences(spec, config))}): run `moderation topics apply`"
        found.append(Problem(name, "compaction", "hint", text))
    replicas = min((len(partition.replicas) for partition in topic.partitions.values()), default=0)
    return [*found, *_durability(name, replicas, int(config.get("min.insync.replicas", "1")), settings.replication)]


def _durability(name: str, replicas: int, in_sync: int, wanted: int) -> list[Problem]:
    if replicas < wanted:
        text = f"has {replicas} replicas instead of {wanted}: reassign its partitions"
        return [Problem(name, "replication", "hint", text)]
    if in_sync > replicas:
        text = f"min.insync.replicas is {in_sync} with {replicas} replicas, so nothing can be written: lower it"
        return [Problem(name, "min_insync", "error", text)]
    if replicas > 1 and in_sync == replicas:
        text = f"min.insync.replicas is {in_sync} with {replicas} replicas, so one lost broker stops it: lower it"
        return [Problem(name, "min_insync", "hint", text)]
    if replicas >= SAFE_REPLICATION and in_sync == 1:
        text = f"min.insync.replicas is 1 with {replicas} replicas, so one lost broker can lose records: set it to 2"
        return [Problem(name, "min_insync", "hint", text)]
    return []


def _line(error: KafkaError | None) -> str:
    return " ".join(error.str().split()) if error is not None else "no answer"
