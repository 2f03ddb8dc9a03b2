"""One topic in reading order: checks offsets and dead letters, and hands on what the stream had to accept."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from tests.system.anomaly import Place, Record, Verdict

Read = Callable[[str], Iterable[Record]]  # topic without prefix -> its records, offsets growing within a partition

# A producer that knows what must become of its record says so in this header: the load generator and the tests do.
EXPECT: Final = "expect"
DECISION: Final = b"decision"
DEAD_LETTER: Final = b"dead_letter"


def in_order(topic: str, records: Iterable[Record], verdict: Verdict) -> Iterator[tuple[Place, Record]]:
    """Yield each record with its place; one whose offset does not grow is an anomaly and is left out."""
    last = verdict.last.setdefault(topic, {})
    for record in records:
        place = Place(topic, record.partition, record.offset)
        if record.offset <= last.get(record.partition, -1):
            verdict.found("offset_out_of_order", place, detail=f"after offset {last[record.partition]}")
            continue
        last[record.partition] = record.offset
        verdict.counts[f"records {topic}"] += 1
        yield place, record


class DeadLetters:
    """The dead letters of one topic, by the partition and offset that their headers name."""

    def __init__(self, topic: str, read: Read, prefix: str, verdict: Verdict) -> None:
        """Read `TOPIC-dlq`."""
        self.topic = topic
        self._verdict = verdict
        self._letters: dict[tuple[int, int], tuple[Place, int]] = {}
        for place, record in in_order(f"{topic}-dlq", read(f"{topic}-dlq"), verdict):
            verdict.counts["dead letters"] += 1
            origin = self._origin(record, prefix)
            if record.header("sqs_message_id"):  # of a queue before the topic, where it may have come several times
                verdict.counts["dead letters of a queue"] += 1
            elif origin is None:
                verdict.found("dead_letter_nowhere", place, detail="headers name no place in its topic")
            elif origin in self._letters:
                verdict.found("second_dead_letter", place, detail=f"the first is {self._letters[origin][0]}")
            else:
                self._letters[origin] = (place, hash((record.key, record.value)))
            if not record.header("dlq_error") or not record.header("dlq_reason"):
                verdict.found("dead_letter_without_reason", place)

    def _origin(self, record: Record, prefix: str) -> tuple[int, int] | None:
        if record.header("dlq_topic") != (prefix + self.topic).encode():
            return None
        try:
            return int(record.header("dlq_partition") or b"?"), int(record.header("dlq_offset") or b"?")
        except ValueError:
            return None

    def taken(self, record: Record) -> Place | None:
        """Return the dead letter of a record, or None; each can be taken once."""
        place, mark = self._letters.pop((record.partition, record.offset), (None, 0))
        if place is not None and mark != hash((record.key, record.value)):
            origin = Place(self.topic, record.partition, record.offset)
            self._verdict.found("altered_dead_letter", place, detail=f"differs from {origin}")
        return place

    def left(self) -> None:
        """Report the dead letters that no record of the topic belongs to."""
        for origin, (place, _) in self._letters.items():
            self._verdict.found("dead_letter_nowhere", place, detail=f"no record at {Place(self.topic, *origin)}")


def decoded(value: bytes | None) -> dict[str, Any] | None:
    """Return a JSON object, or None where the bytes are none."""
    if value is None:
        return None
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def accepted(
    topic: str, read: Read, prefix: str, verdict: Verdict, refused: dict[str, Place] | None = None
) -> Iterator[tuple[Place, Record, dict[str, Any]]]:
    """Yield the records of a source topic that have no dead letter, decoded.

    One that cannot be decoded and has no dead letter is lost. `refused` collects content ids of dead-lettered records,
    as far as they can be read, with the place of the dead letter.
    """
    letters = DeadLetters(topic, read, prefix, verdict)
    for place, record in in_order(topic, read(topic), verdict):
        letter = letters.taken(record)
        expect = record.header(EXPECT)
        if letter is not None:
            if expect == DECISION:
                verdict.found("valid_input_dead_lettered", place, detail=f"by {letter}")
            content_id = (decoded(record.value) or {}).get("content_id")
            if refused is not None and isinstance(content_id, str):
                refused[content_id] = letter
            continue
        document = decoded(record.value)
        if document is None:
            verdict.found("lost", place, detail="cannot be decoded, and has no dead letter")
            continue
        if expect == DEAD_LETTER:
            verdict.found("bad_input_without_dead_letter", place)
        yield place, record, document
    letters.left()
