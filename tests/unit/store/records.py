"""Records as Kafka brings them to the review store, each with what a test does not say."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from streams.core.content import Attachment, Location, Message, Upload, User
from streams.core.decision import Decision, Triggered, decision_id
from streams.core.effect import Outcome
from streams.core.moment import iso
from streams.core.policy import PolicyRef
from streams.store.batch import Read

DECIDED = 1_700_000_000_000  # milliseconds since 1970
CREATED = datetime(2024, 5, 1, tzinfo=UTC)


def triggered(rule: str = "terms", engine: str = "blocklist", label: str = "scam", **more: Any) -> Triggered:
    """Return a line of an enforced rule."""
    return Triggered(rule, "enforce", engine, label, "flag", **{"severity": "medium"} | more)


def decision(content_id: str = "m1", revision: int = 0, **more: Any) -> Decision:
    """Return a decision: `flag`, of one rule of medium severity, unless the test says otherwise."""
    lines: Sequence[Triggered] = more.pop("triggered", (triggered(),))
    given: dict[str, Any] = {
        "kind": "message",
        "user_id": "u1",
        "action": "flag",
        "labels": tuple(dict.fromkeys(line.label for line in lines)),
        "shadow": (),
        "reports": (),
        "context": (),
        "policy": PolicyRef("default", "v1"),
        "source": "moderator" if revision else "automatic",
        "escalate": False,
        "partial": False,
        "reason": "blocklist rule terms found scam",
        "received_at": iso(DECIDED - 20),
        "decided_at": iso(DECIDED + revision % 1000),
        "conversation_id": "c1",
        "tenant": "t1",
        "severity": "medium",
    }
    return Decision(
        decision_id=decision_id(content_id, revision),
        content_id=content_id,
        revision=revision,
        triggered=tuple(lines),
        **given | more,
    )


def message(content_id: str = "m1", text: str = "Send me money", **more: Any) -> Message:
    """Return a text of user u1 in conversation c1."""
    user = User("u1", role="member", created_at=CREATED, trusted=False)
    given: dict[str, Any] = {
        "kind": "message",
        "user": user,
        "created_at": CREATED,
        "conversation_id": "c1",
        "language": "en",
        "tenant": "t1",
    }
    return Message(content_id=content_id, text=text, **given | more)


def upload(content_id: str = "i1", caption: str | None = None, **more: Any) -> Upload:
    """Return a picture of user u1."""
    given: dict[str, Any] = {
        "kind": "image",
        "user": User("u1", role="member", created_at=CREATED, trusted=False),
        "location": Location(bucket="b", key=content_id),
        "created_at": CREATED,
        "caption": caption,
        "tenant": "t1",
    }
    return Upload(content_id=content_id, **given | more)


def outcome(content_id: str = "m1", at: int = DECIDED + 5, **more: Any) -> Outcome:
    """Return the outcome of tagging an object after a content's first decision."""
    given: dict[str, Any] = {"sink": "s3", "name": "quarantine", "work": "tag", "status": "done"}
    return Outcome(content_id, decision_id(content_id, 0), 0, at=at, **given | more)


def read(*records: Any, offset: int = 0, topic: str = "actions", at: int = DECIDED) -> list[Read[Any]]:
    """Return records as read one after the other from partition 0."""
    return [Read(record, topic, 0, offset + number, at) for number, record in enumerate(records)]


def attachment(key: str) -> Attachment:
    """Return a picture that belongs to a text."""
    return Attachment("image", bucket="b", key=key)
