"""The topic `judged-media`, from which near copies are answered: nothing in it that nobody was asked about."""

import json
from typing import Any, Final

from tests.system.anomaly import Verdict
from tests.system.topic import Read, in_order

TOPIC: Final = "judged-media"


def check(read: Read, digests: frozenset[bytes], verdict: Verdict) -> None:
    """Report records that are not what their key says, or whose picture no task names; tombstones are what they are.

    `digests` are the keys of all tasks on pictures.
    """
    for place, record in in_order(TOPIC, read(TOPIC), verdict):
        if record.value is None:
            continue
        try:
            document: dict[str, Any] = json.loads(record.value)
            digest = str(document["sha256"]).encode()
        except (KeyError, TypeError, ValueError):
            verdict.found("judged-media_unreadable", place)
            continue
        if record.key != digest:
            verdict.found("key_mismatch", place)
        if digest not in digests:
            verdict.found("judged-media_nobody_asked_for", place)
