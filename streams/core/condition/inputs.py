"""What conditions read, as values: of a content where it is screened, and of its answers at the judge."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from streams.core import velocity
from streams.core.content import Message, Upload
from streams.core.finding import Answer
from streams.core.label import SEVERITY_RANK, Severity
from streams.core.window import Entry, Window

_MINUTE: Final = 60_000  # milliseconds
_DAY: Final = 86_400  # seconds
WITHIN: Final = {"messages_1m": _MINUTE, "messages_10m": 10 * _MINUTE, "messages_1h": 60 * _MINUTE}
LINKS: Final = 10 * _MINUTE
SAME: Final = 10 * _MINUTE


class Counts(msgspec.Struct, frozen=True, gc=False):
    """How often the author wrote in this conversation lately, this text included."""

    messages_1m: int = 0
    messages_10m: int = 0
    messages_1h: int = 0
    links_10m: int = 0
    same_10m: int = 0  # texts of the same normal form


NONE: Final = Counts()


class Before(msgspec.Struct, frozen=True, gc=False):
    """One of the last ten messages."""

    user_id: str
    text: str
    action: str | None
    age_s: int  # seconds before the content

    def __repr__(self) -> str:
        """Show no text: content never reaches a log."""
        return f"Before({len(self.text)} characters)"


class Early(msgspec.Struct, frozen=True):
    """What is known of a content where it is screened."""

    text: str = ""
    user_id: str = ""
    user_role: str | None = None
    user_age_days: float | None = None
    user_trusted: bool = False
    user_custom: Mapping[str, Any] = {}
    content_kind: str = "message"
    content_tenant: str | None = None
    content_conversation_id: str | None = None
    content_language: str | None = None
    content_length: int = 0
    content_attachments: int = 0
    content_custom: Mapping[str, Any] = {}
    content_resubmission: bool = False
    counts: Counts = NONE
    context: Sequence[Before] = ()

    def __repr__(self) -> str:
        """Show no text: content never reaches a log."""
        return f"Early({len(self.text)} characters)"


class Found(msgspec.Struct, frozen=True, gc=False):
    """What enforced rules of engines found of one label."""

    severity: int = 0  # 1 low .. 4 critical; 0 where it has none
    confidence: float = 0.0  # 0..100; 0 where it has none
    rules: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()


class Late(msgspec.Struct, frozen=True):
    """What is known of a content at the judge."""

    labels: Mapping[str, Found] = {}
    severity: int = 0  # the highest of all labels
    confidence: float = 0.0
    scores: Mapping[str, float] = {}  # label -> the highest of all engines, 0..1
    strikes: int = 0
    restricted: bool = False


class Line(Protocol):
    """What conditions see of a rule that an engine's finding triggered; `core/decision.Triggered` is one."""

    @property
    def rule(self) -> str:
        """Return the name of the rule."""

    @property
    def engine(self) -> str:
        """Return whose finding it was."""

    @property
    def label(self) -> str:
        """Return what was found."""

    @property
    def severity(self) -> Severity | None:
        """Return how harmful it is."""

    @property
    def confidence(self) -> float | None:
        """Return how sure the engine is, 0..100."""


NO_FINDING: Final = Found()


def of_message(
    message: Message, at: int, before: Window, mark: bytes, needs: AbstractSet[str], *, trusted: bool
) -> Early:
    """Return what is known of a text; `at` is its time in the log, `mark` its own mark, if it was made already.

    What no condition reads, by `needs`, is not worked out.
    """
    user = message.user
    return Early(
        message.text,
        user.id,
        user.role,
        age_days(user.created_at, message.created_at),
        trusted,
        user.custom,
        message.kind,
        message.tenant,
        message.conversation_id,
        message.language,
        len(message.text),
        len(message.attachments),
        message.custom,
        message.resubmits is not None,
        counted(before.marks, mark or velocity.mark(message.text, user.id, at), needs) if "counts" in needs else NONE,
        said(before.entries, at) if "context" in needs else (),
    )


def of_upload(upload: Upload, *, trusted: bool) -> Early:
    """Return what is known of a picture or video; its text is the caption."""
    caption, user = upload.caption or "", upload.user
    return Early(
        caption,
        user.id,
        user.role,
        age_days(user.created_at, upload.created_at),
        trusted,
        user.custom,
        upload.kind,
        upload.tenant,
        upload.conversation_id,
        None,
        len(caption),
        0,
        upload.custom,
    )


def age_days(since: datetime | None, until: datetime) -> float | None:
    """Return the age of an account in days; None where it is not known, 0 where its clock was ahead."""
    return None if since is None else max(0.0, (until - since).total_seconds() / _DAY)


def counted(marks: bytes, mark: bytes, needs: AbstractSet[str]) -> Counts:
    """Return the counters that are needed, of the marks before a text and its own."""
    if not velocity.authored(marks, mark):
        return Counts(1, 1, 1, velocity.links_of(mark), 1)
    minute, ten, hour = (
        velocity.messages(marks, mark, within) if f"counts.{name}" in needs else 0 for name, within in WITHIN.items()
    )
    return Counts(
        minute,
        ten,
        hour,
        links_10m=velocity.links(marks, mark, LINKS) if "counts.links_10m" in needs else 0,
        same_10m=velocity.same(marks, mark, SAME) if "counts.same_10m" in needs else 0,
    )


def said(entries: Iterable[Entry], at: int) -> tuple[Before, ...]:
    """Return earlier messages as conditions see them; `at` in milliseconds since 1970."""
    return tuple(Before(each.user_id, each.text, each.action, max(0, (at - each.at) // 1000)) for each in entries)


def late_of(
    enforced: Iterable[Line],
    answers: Iterable[tuple[str, Answer]],
    needs: AbstractSet[str],
    *,
    strikes: int = 0,
    restricted: bool = False,
) -> Late:
    """Return what is known at the judge: enforced rules that engines triggered, and all that engines answered."""
    labels: dict[str, Found] = {}
    severity, confidence = 0, 0.0
    for line in enforced:
        found = Found(_rank(line.severity), line.confidence or 0.0, (line.rule,), (line.engine,))
        severity, confidence = max(severity, found.severity), max(confidence, found.confidence)
        known = labels.get(line.label)
        labels[line.label] = found if known is None else _both(known, found)
    scores = _scores(answers) if "scores" in needs else {}
    return Late(labels, severity, confidence, scores, strikes, restricted)


def _both(one: Found, other: Found) -> Found:
    """Return what two rules found of one label."""
    return Found(
        max(one.severity, other.severity),
        max(one.confidence, other.confidence),
        tuple(dict.fromkeys(one.rules + other.rules)),
        tuple(dict.fromkeys(one.engines + other.engines)),
    )


def _scores(answers: Iterable[tuple[str, Answer]]) -> dict[str, float]:
    highest: dict[str, float] = {}
    for _, answer in answers:
        scores = answer.scores
        if not scores:
            continue
        if highest:
            scores = {label: max(score, highest.get(label, 0.0)) for label, score in scores.items()}
        highest.update(scores)
    return highest


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else SEVERITY_RANK[severity] + 1
