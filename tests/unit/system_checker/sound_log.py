"""A log as a faultless stream leaves it: texts with and without attachments, uploads, notifications, dead letters."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from zlib import crc32

from tests.system.anomaly import Record

PREFIX = "test."
PARTITIONS = 3
POLICY = {"id": "chat", "version": "v1"}

Headers = tuple[tuple[str, bytes | None], ...]


class SoundLog:
    """Topics as lists of records per partition; every method appends what producers and stream would."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.topics: dict[str, list[list[Record]]] = defaultdict(lambda: [[] for _ in range(PARTITIONS)])
        self._threads: dict[str, list[str]] = defaultdict(list)
        self._inputs = 0

    def read(self, topic: str) -> Iterable[Record]:
        """Return the records of a topic, partition after partition."""
        return [record for partition in self.topics[topic] for record in partition]

    def append(self, topic: str, key: str, value: object, headers: Headers = ()) -> Record:
        """Append one record; every third offset is left free, as transaction markers take offsets."""
        partition = crc32(key.encode()) % PARTITIONS
        records = self.topics[topic][partition]
        offset = records[-1].offset + 1 + (len(records) % 3 == 2) if records else 0
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        records.append(Record(partition, offset, key.encode(), raw, headers))
        return records[-1]

    def _applied(self, topic: str, source: Record) -> None:
        records = self.topics[topic][source.partition]
        offset = records[-1].offset + 2 if records else 0
        records.append(Record(source.partition, offset, b"\0applied", b"%d" % (source.offset + 1)))

    def message(self, content_id: str, conversation_id: str, *, pictures: int = 0) -> None:
        """Send a text and decide it, with its context; one that was sent before is only counted."""
        self._inputs += 1
        attachments = [{"kind": "image", "bucket": "b", "key": f"{content_id}/{n}"} for n in range(pictures)]
        base = {"content_id": content_id, "kind": "message", "conversation_id": conversation_id}
        source = {**base, "user": {"id": "u"}, "text": "t", "attachments": attachments}
        self._applied("screen-windows-state", self.append("messages", conversation_id, source))
        thread = self._threads[conversation_id]
        if content_id in thread:
            return
        context = thread[-10:]
        thread.append(content_id)
        inline = [{"engine": "blocklist", "status": "ok"}, {"engine": "pattern", "status": "ok"}]
        if pictures:
            self._case(content_id, base, attachments, inline, context)
        else:
            self._decide(content_id, base, inline, context)

    def put_to_others(self, content_id: str, user_id: str = "u") -> None:
        """Send a text that two engines with roles of their own are asked about, and decide it."""
        self._inputs += 1
        base = {"content_id": content_id, "kind": "message", "conversation_id": f"of {content_id}"}
        source = self.append("messages", f"of {content_id}", {**base, "user": {"id": user_id}, "text": "t"})
        self._applied("screen-windows-state", source)
        engines = {"text_llm": content_id, "velocity_user": user_id}
        for engine, key in engines.items():
            name = engine.replace("_", "-")
            task = self.append(f"tasks-{name}", key, {"content_id": content_id, "user_id": user_id, "engine": engine})
            table = {"text_llm": "text-llm-tasks-state", "velocity_user": "velocity-user-authors-state"}[engine]
            self._applied(table, task)
        opened = {"type": "case_opened", "content_id": content_id, "required": [*engines], "reports": []}
        self.append("findings", content_id, opened)
        answers = [{"engine": engine, "status": "ok"} for engine in engines]
        for one in answers:
            self._applied(
                "join-cases-state",
                self.append("findings", content_id, {"type": "report", "content_id": content_id, **one}),
            )
        self._decide(content_id, {**base, "user_id": user_id}, answers, [])

    def upload(self, content_id: str) -> None:
        """Send an upload and decide it through a case."""
        self._inputs += 1
        base = {"content_id": content_id, "kind": "image"}
        location = {"bucket": "b", "key": content_id, "etag": "e"}
        source = self.append("uploads", content_id, {**base, "user": {"id": "u"}, "location": location})
        self._applied("uploads-seen-state", source)
        self._case(content_id, base, [{"kind": "image", **location}], [], [])

    def event(self, key: str, content_id: str) -> None:
        """Send an S3 notification; the stream names the content."""
        entry = {
            "eventName": "ObjectCreated:Put",
            "eventTime": "2026-01-31T12:00:00.000Z",
            "s3": {"bucket": {"name": "b"}, "object": {"key": key, "eTag": "e"}},
        }
        self._applied("uploads-events-state", self.append("s3-events", f"b/{key}", {"Records": [entry]}))
        self._case(content_id, {"kind": "image"}, [{"kind": "image", "bucket": "b", "key": key, "etag": "e"}], [], [])

    def reject(self, value: bytes, topic: str = "messages", key: str = "bad") -> None:
        """Send something that cannot be accepted, and its dead letter."""
        source = self.append(topic, key, value)
        table = {"messages": "screen-windows-state", "uploads": "uploads-seen-state"}[topic]
        self._applied(table, source)
        self.dead_letter(topic, source)

    def dead_letter(self, topic: str, source: Record) -> None:
        """Append the dead letter of a record."""
        headers: Headers = (
            ("dlq_topic", (PREFIX + topic).encode()),
            ("dlq_partition", b"%d" % source.partition),
            ("dlq_offset", b"%d" % source.offset),
            ("dlq_error", b"WireError"),
            ("dlq_reason", b"text: too long"),
        )
        self.append(f"{topic}-dlq", (source.key or b"").decode(), source.value or b"", headers)

    def _case(
        self,
        content_id: str,
        base: dict[str, Any],
        media: list[dict[str, Any]],
        inline: list[dict[str, Any]],
        context: list[str],
    ) -> None:
        engines = ["media_hash", "qr"]
        located = [[one["kind"], {k: v for k, v in one.items() if k != "kind"}] for one in media]
        self.append("tasks-media", content_id, {"content_id": content_id, "objects": located, "engines": engines})
        opened = {"type": "case_opened", "content_id": content_id, "required": engines, "reports": inline}
        found = [self.append("findings", content_id, opened)]
        answers = [{"engine": engine, "status": "ok"} for engine in engines]
        found += [
            self.append("findings", content_id, {"type": "report", "content_id": content_id, **one}) for one in answers
        ]
        self._applied("media-tasks-state", self.topics["tasks-media"][found[0].partition][-1])
        self._applied("join-cases-state", found[-1])
        self._decide(content_id, base, inline + answers, context)

    def _decide(self, content_id: str, base: dict[str, Any], reports: list[dict[str, Any]], context: list[str]) -> None:
        decision = {"user_id": "u", **base, "content_id": content_id, "decision_id": f"d-{content_id}", "revision": 0}
        decision |= {"action": "allow", "reports": reports, "context": context, "policy": POLICY, "partial": False}
        decision |= {"source": "automatic", "reason": f"nonce of {content_id}"}
        self.append("actions", content_id, decision)

    def rule(self, content_id: str, ruling_id: str, act: str, *, action: str | None = None, times: int = 1) -> None:
        """Have a moderator rule on the newest decision of a content, and decide that."""
        seen = [json.loads(record.value or b"") for record in self.read("actions") if record.key == content_id.encode()]
        ruling = {"ruling_id": ruling_id, "act": act, "decision": seen[-1], "by": "ada", "at": 1}
        for _ in range(times):
            source = self.append(
                "rulings", seen[-1].get("user_id", "u"), ruling | ({"action": action} if action else {})
            )
        self._applied("enforce-rulings-state", source)
        held = seen[-1]["action"]
        revision = seen[-1]["revision"] + 1
        change = {"revision": revision, "decision_id": f"d-{content_id}-{revision}", "ruling_id": ruling_id}
        change |= {"source": "moderator", "previous_action": held, "escalate": act == "escalate"}
        change |= {"action": action or {"flag": "allow", "mask_flag": "mask"}.get(held, held)}
        self.append("actions", content_id, seen[-1] | change)

    def rewrite(self, topic: str, wanted: Callable[[dict[str, Any]], bool], change: dict[str, Any]) -> None:
        """Alter fields of the first record of a topic that is wanted."""
        for records in self.topics[topic]:
            for at, record in enumerate(records):
                document = json.loads(record.value or b"null")
                if isinstance(document, dict) and wanted(document):
                    records[at] = record._replace(value=json.dumps({**document, **change}).encode())
                    return
        raise LookupError(topic)

    def drop(self, topic: str, wanted: Callable[[dict[str, Any]], bool]) -> Record:
        """Take the first wanted record out of a topic."""
        for records in self.topics[topic]:
            for at, record in enumerate(records):
                document = json.loads(record.value or b"null")
                if isinstance(document, dict) and wanted(document):
                    return records.pop(at)
        raise LookupError(topic)


def filled() -> SoundLog:
    """Return a log with 200 texts in three conversations, repeats, pictures, uploads, notifications, dead letters."""
    log = SoundLog()
    for n in range(200):
        log.message(f"m{n}", f"c{n % 7 % 3}", pictures=2 if n % 20 == 5 else 0)
        if n % 25 == 9:
            log.message(f"m{n}", f"c{n % 7 % 3}")
        if n % 25 == 11:
            log.upload(f"u{n}")
        if n % 50 == 13:
            log.event(f"k{n}", f"s3-{n}")
        if n % 40 == 17:
            log.reject(b"\xff\xfe{")
    return log
