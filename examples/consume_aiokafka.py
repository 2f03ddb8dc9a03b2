"""Act upon decisions, with aiokafka: python consume_aiokafka.py BOOTSTRAP [LOCALE]. Ends with Ctrl-C.

Prints one line of JSON for each decision: what others see of the content, and what its author is told.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections import OrderedDict
from typing import Any

from aiokafka import AIOKafkaConsumer

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


async def main(bootstrap: str, locale: str = "en") -> None:
    """Handle each decision, then commit: after a crash a decision may come again, and is known by its id."""
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap,
        group_id="chat-backend",
        isolation_level="read_committed",  # not aiokafka's default; without it, decisions that never were are read
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    seen: OrderedDict[str, None] = OrderedDict()  # better kept with whatever a decision changes: in your database
    try:
        while True:
            fetched = await consumer.getmany(timeout_ms=200, max_records=500)
            for record in (record for records in fetched.values() for record in records):
                decision = json.loads(record.value or b"{}")
                if decision["decision_id"] not in seen:
                    print(json.dumps(answer(decision, locale)), flush=True)
                seen[decision["decision_id"]] = None
                while len(seen) > REMEMBERED:
                    seen.popitem(last=False)
            if fetched:
                await consumer.commit()
    finally:
        await consumer.stop()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:3]))
