"""Have texts moderated, with confluent-kafka: python produce_confluent.py BOOTSTRAP CONVERSATION USER < TEXTS.

Each line of the input is one text. Prints the content id of each text that Kafka has acknowledged.
"""

import json
import os
import sys
import uuid
from datetime import UTC, datetime

from confluent_kafka import KafkaError, Message, Producer

TOPIC = os.environ.get("MODERATION_TOPIC_PREFIX", "moderation.") + "messages"


def delivered(error: KafkaError | None, message: Message) -> None:
    """Say what became of a text; a text that was not delivered must be sent again, with the same content id."""
    if error is not None:
        sys.exit(f"not delivered: {error.name()}")
    print(json.loads(message.value() or b"{}")["content_id"], flush=True)


def main(bootstrap: str, conversation: str, user: str) -> None:
    """Send each line."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
    for line in sys.stdin:
        record = {
            "content_id": str(uuid.uuid4()),  # unique for ever; a second one with the same id is not judged again
            "kind": "message",
            "user": {"id": user},
            "conversation_id": conversation,
            "text": line.rstrip("\n"),
            "created_at": datetime.now(UTC).isoformat(),
            # "resubmits": the content id of a bounced text that this one stands for
        }
        # The key keeps a conversation in order, which its context needs. All producers must spread keys alike: those of
        # aiokafka and Java do it otherwise, unless `partitioner` here is murmur2_random.
        producer.produce(TOPIC, json.dumps(record), key=conversation, on_delivery=delivered)
        producer.poll(0)
    if producer.flush(30):
        sys.exit("not everything was delivered within 30 s")


if __name__ == "__main__":
    main(*sys.argv[1:4])
