"""The state topics, as far as an outsider can know them: how far each table says that its source is applied."""

from typing import Final

from tests.system.anomaly import Place, Verdict
from tests.system.topic import Read, in_order

APPLIED: Final = b"\0applied"
TABLES: Final = {  # state topic -> the source whose offsets it applies
    "screen-windows-state": "messages",
    "uploads-seen-state": "uploads",
    "uploads-events-state": "s3-events",
    "media-tasks-state": "tasks-media",
    "text-llm-tasks-state": "tasks-text-llm",
    "comprehend-tasks-state": "tasks-comprehend",
    "velocity-user-authors-state": "tasks-velocity-user",
    "rekognition-pictures-state": "tasks-rekognition",
    "rekognition-video-jobs-state": "tasks-rekognition-video",
    "join-cases-state": "findings",
    "enforce-standings-state": "verdicts",
    "enforce-rulings-state": "rulings",
}


def check(read: Read, verdict: Verdict) -> None:
    """Report applied offsets that do not grow, and source records that no table has applied.

    The sources have been read already: `verdict.last` knows their last records.
    """
    for topic, source in TABLES.items():
        applied = _applied(topic, read, verdict)
        for partition, last in verdict.last.get(source, {}).items():
            if applied.get(partition, 0) <= last:
                place = Place(source, partition, last)
                verdict.found("not_applied", place, detail=f"{topic} stands at {applied.get(partition, 0)}")


def _applied(topic: str, read: Read, verdict: Verdict) -> dict[int, int]:
    offsets: dict[int, int] = {}
    for place, record in in_order(topic, read(topic), verdict):
        if record.key != APPLIED:
            continue
        try:
            offset = int(record.value or b"?")
        except ValueError:
            verdict.found("applied_unreadable", place)
            continue
        if offset <= offsets.get(place.partition, -1):
            verdict.found("applied_does_not_grow", place, detail=f"{offset} after {offsets[place.partition]}")
        offsets[place.partition] = offset
    return offsets
