"""Publishing: what is to be in force in, one transaction on `policies` out.

All who publish share one transactional id: whoever begins fences all that began before, and reads to the end before it
writes. So of two at once the earlier one is refused by the broker, begins again, and sees what the other has written.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from confluent_kafka import KafkaError, KafkaException, Producer

from streams.adapters.headers import CloudHeaders
from streams.adapters.kafka import connection
from streams.adapters.log import LogError, failure, partitions
from streams.adapters.published import Published, key_of, part_key, version_key
from streams.adapters.schemas import RECORDS
from streams.adapters.whole import whole
from streams.core.applying import kept
from streams.core.moment import iso
from streams.core.policy import PolicyRef
from streams.core.published import PARTITION, PolicyVersion, PublishedRecord
from streams.settings import Settings
from streams.topology import POLICIES

LARGEST: Final = 1_000_000  # bytes of a record: a little less than brokers take unless they are told otherwise
OPERATION: Final = 30.0  # seconds for any single step
ATTEMPTS: Final = 8  # times that another one may come between
PAUSE: Final = 0.2  # seconds; twice as long each time, and a random part of it
UNAVAILABLE: Final = 69  # EX_UNAVAILABLE
CONFIGURATION: Final = 78  # EX_CONFIG

Plan = Callable[[Published], Sequence[PublishedRecord | bytes]]  # what is there -> records, and keys to be removed


def published(settings: Settings) -> Published:
    """Return what lies on the topic of policies now; raise LogError."""
    found = Published()
    for record in whole(settings, settings.topic_prefix + POLICIES, lambda _: PARTITION):
        if record.key is not None:
            found.take(record.key, record.value)
    return found


def publish(settings: Settings, plan: Plan) -> int:
    """Write what the plan makes of what is there, all of it or nothing; return when, in milliseconds since 1970.

    The plan is asked again when somebody else has published meanwhile. Raises LogError, and what the plan raises.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _written(settings, plan)
        except _Fenced:
            time.sleep(PAUSE * 2**attempt * random.random())  # noqa: S311  no secret
    raise LogError("others publish all the time: try again when they are done", UNAVAILABLE)


def outdated(found: Published, added: Iterable[PublishedRecord]) -> list[bytes]:
    """Return the keys of versions that nobody can go back to any more, and of files that nothing names any more.

    What was in force until now stays, and all that was said of a policy that is retired: open cases may name it.
    """
    alive = kept(found.in_force.values())
    new = [record for record in added if isinstance(record, PolicyVersion)]
    again = {PolicyRef(version.policy_id, version.version) for version in new}
    gone = [ref for ref in found.versions if ref.id in found.in_force and ref not in alive and ref not in again]
    left = [version for ref, version in found.versions.items() if ref not in gone]
    named = {file.sha256 for version in (*left, *new) for file in version.files}
    return [*map(version_key, gone), *(part_key(*place) for place in found.parts if place[0] not in named)]


class _Fenced(Exception):
    """Somebody else began to publish."""


def _written(settings: Settings, plan: Plan) -> int:
    topic = settings.topic_prefix + POLICIES
    fatal: list[KafkaError] = []  # of a producer whose transactional id was taken over, every call fails in its own way
    producer = Producer(
        connection(settings)
        | {
            "transactional.id": f"{settings.topic_prefix}policy-cli",
            "transaction.timeout.ms": int(settings.transaction_timeout * 1000),
            "message.max.bytes": LARGEST + 10_000,
            "batch.num.messages": 1,  # a broker's limit is on batches
            "linger.ms": 0,
            "error_cb": lambda error: fatal.append(error) if error.fatal() else None,
        },
        logger=SILENT,
    )
    try:
        partitions(producer, settings, topic)
        producer.init_transactions(OPERATION)
        wanted = plan(published(settings))
        at = int(time.time() * 1000)
        if wanted:
            _send(producer, topic, wanted)
    except KafkaException as error:
        if fatal or error.args[0].fatal():
            raise _Fenced from None
        raise failure(settings, error) from error
    finally:
        with suppress(KafkaException):  # of a fatal error each call tells once more
            producer.purge()
            producer.flush(0.2)
    return at


def _send(producer: Producer, topic: str, wanted: Sequence[PublishedRecord | bytes]) -> None:
    producer.begin_transaction()
    try:
        for each in wanted:
            key, value, headers = (each, None, []) if isinstance(each, bytes) else _encoded(each)
            producer.produce(topic, value, key, PARTITION, headers=headers)
        producer.commit_transaction(OPERATION)  # waits for every acknowledgement, and fails where one is missing
    except BaseException:
        with suppress(KafkaException):  # fenced, or gone: the broker ends it
            producer.abort_transaction(1.0)
        raise


def _encoded(record: PublishedRecord) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of a record: JSON whatever the wire form, so that no registry is needed."""
    name = NAMES[type(record)]
    key, value = key_of(record), msgspec.json.encode(record)
    if len(value) > LARGEST:
        raise LogError(
            f"{key.decode()} makes a record of {len(value)} bytes, at most {LARGEST}: "
            "put long lists into files of their own",
            CONFIGURATION,
        )
    now = iso(int(time.time() * 1000))
    return key, value, CloudHeaders(name, source="/moderation-streams/policy")(key.decode(), key.decode(), now)


# What the library would write to standard error is raised as well.
SILENT: Final = logging.getLogger("streams.adapters.publishing.librdkafka")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False
NAMES: Final = {kind: name for name, kind in RECORDS.items()}
