"""The standings of users as people see and change them: an order on `verdicts` in, what became of the user out."""

import time
from typing import Final

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from streams import topology
from streams.adapters.headers import CloudHeaders
from streams.adapters.kafka import connection
from streams.adapters.log import ANSWER, LogError, failure, partitions
from streams.adapters.schemas import shipped
from streams.adapters.stored import Unpacker
from streams.adapters.whole import whole
from streams.adapters.wire import Writer
from streams.core.moment import iso
from streams.core.standing_state import StandingState
from streams.core.verdict import StandingOrder
from streams.runtime.partitioner import partition_of
from streams.settings import Settings
from streams.topology import full_name

UNAVAILABLE: Final = 69  # EX_UNAVAILABLE
RECORD: Final = "standing_order"
STATE: Final = topology.table("enforce", "standings")
_unpack: Final = Unpacker(StandingState)


def state_of(settings: Settings, user_id: str) -> StandingState | None:
    """Return what is kept of a user, None where nothing is; raise LogError. Reads a partition of the table's topic."""
    key, value = user_id.encode(), None
    for record in whole(settings, _topic(settings), lambda count: partition_of(key, count)):
        if record.key == key:
            value = record.value
    return None if value is None else _unpack(value)


def carried_out(settings: Settings, order: StandingOrder, patience: float) -> StandingState | None:
    """Send an order, wait until it is carried out, and return what is kept of its user then.

    Raises LogError where no broker answers, or where the order is not carried out within `patience` seconds: it is
    then, as soon as a worker reads it.
    """
    key, value = order.user_id.encode(), Writer("json", RECORD).write(order)
    about = CloudHeaders(RECORD, source="/moderation-streams/user", form="json", version=max(shipped(RECORD)))
    headers = about(order.order_id, order.user_id, iso(order.at))
    producer = Producer(connection(settings) | {"enable.idempotence": True, "acks": "all"})
    topic = full_name(settings.topic_prefix, STATE.source)
    number = partition_of(key, len(partitions(producer, settings, topic)))
    consumer = Consumer(
        connection(settings)
        | {
            "group.id": "moderation-user",  # asked for by the library, never joined
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": 50,
        }
    )
    try:
        place = TopicPartition(_topic(settings), number)
        partitions(consumer, settings, place.topic)
        place.offset = consumer.get_watermark_offsets(place, timeout=ANSWER)[1]  # what came before is not the answer
        consumer.assign([place])
        producer.produce(topic, value, key, number, headers=headers)
        if producer.flush(ANSWER + patience):
            raise LogError("the order was not acknowledged: give it again", UNAVAILABLE)
        return _answer(consumer, settings, order, patience)
    except KafkaException as error:
        raise failure(settings, error) from error
    finally:
        consumer.close()


def _answer(consumer: Consumer, settings: Settings, order: StandingOrder, patience: float) -> StandingState | None:
    key, deadline = order.user_id.encode(), time.monotonic() + patience
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is None:
            continue
        error = message.error()
        if error is not None:
            if not error.retriable():
                raise failure(settings, KafkaException(error))
            continue
        if message.key() != key:
            continue
        value = message.value()
        if value is None:
            if order.order == "forget":
                return None
            continue
        state = _unpack(value)
        if order.order_id in state.orders:
            return state
    raise LogError(
        f"the order is on {STATE.source}, and nobody carried it out within {patience:g} s: "
        f"is a worker of the role {STATE.role} running?",
        UNAVAILABLE,
    )


def _topic(settings: Settings) -> str:
    return full_name(settings.topic_prefix, STATE.topic)
