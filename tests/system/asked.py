"""What was asked for: every content that must be decided, its place, and the context that its decision must name.

Fingerprints (Python's hash of the id: 64 bits, random per process) and arrays, not records: memory stays small with
hundreds of thousands of messages.
"""

from array import array
from collections.abc import Iterator
from typing import Any, Final

from tests.system.anomaly import Place, Verdict
from tests.system.notification import Object, is_stale, located, objects
from tests.system.topic import Read, accepted

CONTEXT: Final = 10  # messages, fixed by the specification
TOPICS: Final = ("messages", "uploads", "s3-events")
NO_CONVERSATION: Final = -1


def identity(document: dict[str, Any]) -> int:
    """Return a fingerprint of what a decision must repeat of its input: kind, user, conversation, tenant."""
    user = document.get("user")
    user_id = user.get("id") if isinstance(user, dict) else document.get("user_id")
    return hash((document.get("kind"), user_id, document.get("conversation_id"), document.get("tenant")))


class Asked:
    """Contents by number, in the order of reading; conversations by number with the fingerprints of their messages."""

    def __init__(self, read: Read, prefix: str, verdict: Verdict) -> None:
        """Read all inputs and their dead letters."""
        self._verdict = verdict
        self._numbers: dict[int, int] = {}  # fingerprint of content id -> number
        self._topic, self._partition, self._offset = array("b"), array("i"), array("q")
        self._identity = array("q")
        self._conversation, self._turn = array("i"), array("i")
        self._threads: list[array[int]] = []
        self._thread_home: list[int] = []  # partition
        self._thread_numbers: dict[int, int] = {}
        self.objects: dict[int, frozenset[Object]] = {}  # content number -> media that must be inspected
        self.refused: dict[str, Place] = {}  # content id of a rejected input -> its dead letter
        self.events: dict[Object, list[Place]] = {}  # objects that notifications named, not yet claimed by a task
        self._read_messages(read, prefix)
        self._read_uploads(read, prefix)
        self._read_events(read, prefix)

    def __len__(self) -> int:
        """Return how many contents must be decided."""
        return len(self._offset)

    def number(self, content_id: str) -> int | None:
        """Return a content's number, or None where nobody asked for it."""
        return self._numbers.get(hash(content_id))

    def place(self, number: int) -> Place:
        """Return where the input lies."""
        return Place(TOPICS[self._topic[number]], self._partition[number], self._offset[number])

    def is_upload(self, number: int) -> bool:
        """Say whether the content came alone, not as a text."""
        return self._conversation[number] == NO_CONVERSATION

    def knows(self, number: int, document: dict[str, Any]) -> bool:
        """Say whether a decision repeats its input's kind, user, conversation and tenant."""
        return TOPICS[self._topic[number]] == "s3-events" or self._identity[number] == identity(document)

    def context(self, number: int) -> tuple[int, ...]:
        """Return the fingerprints of the content ids that the decision must name, oldest first."""
        if self.is_upload(number):
            return ()
        turn = self._turn[number]
        return tuple(self._threads[self._conversation[number]][max(0, turn - CONTEXT) : turn])

    def places(self, fingerprints: tuple[int, ...]) -> Iterator[Place]:
        """Yield where the contents with these fingerprints lie."""
        return (self.place(self._numbers[one]) for one in fingerprints)

    def claim(self, content_id: str, media: frozenset[Object]) -> int | None:
        """Return the number of the content that a notification asked for and the stream named, or None."""
        for one in media:
            places = self.events.get(one)
            if places:
                return self._add(content_id, places.pop(0), 0, media)
        return None

    def _add(self, content_id: str, place: Place, mark: int, media: frozenset[Object]) -> int:
        number = len(self._offset)
        self._numbers[hash(content_id)] = number
        self._topic.append(TOPICS.index(place.topic))
        self._partition.append(place.partition)
        self._offset.append(place.offset)
        self._identity.append(mark)
        self._conversation.append(NO_CONVERSATION)
        self._turn.append(0)
        if media:
            self.objects[number] = media
        return number

    def _inputs(self, topic: str, read: Read, prefix: str) -> Iterator[tuple[Place, str, dict[str, Any]]]:
        for place, record, document in accepted(topic, read, prefix, self._verdict, self.refused):
            content_id = document.get("content_id")
            if not isinstance(content_id, str):
                self._verdict.found("lost", place, detail="has no content id, and no dead letter")
                continue
            self._verdict.counts["inputs"] += 1
            key = document.get("conversation_id") if topic == "messages" else None
            if record.key != (key or content_id).encode():
                self._verdict.found("key_mismatch", place, content_id)
            yield place, content_id, document

    def _read_messages(self, read: Read, prefix: str) -> None:
        for place, content_id, document in self._inputs("messages", read, prefix):
            # A text without a conversation stands alone: its window is its own.
            name = document.get("conversation_id")
            mark = hash(("conversation", name) if name else ("content", content_id))
            thread = self._thread_numbers.setdefault(mark, len(self._threads))
            if thread == len(self._threads):
                self._threads.append(array("q"))
                self._thread_home.append(place.partition)
            if self._thread_home[thread] != place.partition:
                self._verdict.found("conversation_in_two_partitions", place, content_id)
            if hash(content_id) in self._numbers:
                self._verdict.counts["repeated inputs"] += 1
                continue
            media = frozenset(located(one) for one in document.get("attachments") or ())
            number = self._add(content_id, place, identity(document), media)
            self._conversation[number], self._turn[number] = thread, len(self._threads[thread])
            self._threads[thread].append(hash(content_id))

    def _read_uploads(self, read: Read, prefix: str) -> None:
        for place, content_id, document in self._inputs("uploads", read, prefix):
            if hash(content_id) in self._numbers:
                self._verdict.counts["repeated inputs"] += 1
                continue
            media = frozenset({located(document.get("location") or {})})
            self._add(content_id, place, identity(document), media)

    def _read_events(self, read: Read, prefix: str) -> None:
        seen: set[tuple[Object, str]] = set()
        newest: dict[tuple[str, str], str] = {}
        for place, _, document in accepted("s3-events", read, prefix, self._verdict):
            self._verdict.counts["inputs"] += 1
            for one, order, sequencer in objects(document):
                if is_stale(sequencer, newest.get((one.where, one.key), "")):
                    self._verdict.counts["stale events"] += 1
                    continue
                if sequencer:
                    newest[one.where, one.key] = sequencer
                if (one, order) in seen:
                    self._verdict.counts["repeated inputs"] += 1
                    continue
                seen.add((one, order))
                self.events.setdefault(one, []).append(place)
