"""Act upon decisions, with confluent-kafka: python consume_confluent.py BOOTSTRAP [LOCALE]. Ends with Ctrl-C.

Prints one line of JSON for each decision: what others see of the content, and what its author is told.
"""

import json
import os
import sys
from collections import OrderedDict
from typing import Any

from confluent_kafka import Consumer

TOPIC = os.environ.get("MODERATION_TOPIC_PREFIX", "moderation.") + "actions"
REMEMBERED = 100_000  # ids of decisions
HIDDEN = ("bounce", "bounce_flag", "bounce_block", "shadow_block", "block")


def answer(decision: dict[str, Any], locale: str) -> dict[str, Any]:
    """Return what a decision means for a chat. Everything that it takes is in the one record."""
    notice = decision.get("notice") or {}
    silent = decision["action"] == "shadow_block"  # the author must not notice
    return {
        "content_id": decision["content_id"],
        "revision": decision["revision"],  # 0, and one more for each change: the highest counts
        "action": decision["action"],
        "shown": decision["action"] not in HIDDEN,
        "replace_text_by": decision.get("masked_text"),
        "tell_author": None if silent else notice.get(locale, notice.get("en")),
        "may_resubmit": decision.get("may_resubmit", False),
    }


def main(bootstrap: str, locale: str = "en") -> None:
    """Handle each decision, then commit: after a crash a decision may come again, and is known by its id."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "chat-backend",
            "isolation.level": "read_committed",  # librdkafka's default; without it, decisions that never were are read
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([TOPIC])
    seen: OrderedDict[str, None] = OrderedDict()  # better kept with whatever a decision changes: in your database
    try:
        while True:
            messages = consumer.consume(500, timeout=0.2)
            for message in messages:
                if (error := message.error()) is not None:
                    sys.exit(f"cannot read {TOPIC}: {error.name()}")
                decision = json.loads(message.value() or b"{}")
                if decision["decision_id"] not in seen:
                    print(json.dumps(answer(decision, locale)), flush=True)
                seen[decision["decision_id"]] = None
                while len(seen) > REMEMBERED:
                    seen.popitem(last=False)
            if messages:
                consumer.commit(asynchronous=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
