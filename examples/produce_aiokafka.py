"""Have texts moderated, with aiokafka: python produce_aiokafka.py BOOTSTRAP CONVERSATION USER < TEXTS.

Each line of the input is one text. Prints the content id of each text that Kafka has acknowledged.
"""

import asyncio
import json
import os
import sys
import uuid
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

TOPIC = os.environ.get("MODERATION_TOPIC_PREFIX", "moderation.") + "messages"


async def main(bootstrap: str, conversation: str, user: str) -> None:
    """Send each line."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=5)
    await producer.start()
    try:
        sent = []
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
            # The key keeps a conversation in order, which its context needs. All producers must spread keys alike:
            # confluent-kafka does it otherwise, unless its `partitioner` is murmur2_random.
            value, key = json.dumps(record).encode(), conversation.encode()
            sent.append((record["content_id"], await producer.send(TOPIC, value, key=key)))
        for content_id, acknowledged in sent:
            await asyncio.wait_for(acknowledged, 30)  # raises where it was not: send it again, with the same content id
            print(content_id, flush=True)
    finally:
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
