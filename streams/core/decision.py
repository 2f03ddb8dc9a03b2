"""The decision: what is to happen to a content, and everything that explains it; one record on `actions`."""

from hashlib import blake2b
from typing import Literal

import msgspec

from streams.core.action import Action
from streams.core.content import Count, Id, Milliseconds
from streams.core.finding import Evidence, Status
from streams.core.judged_object import JudgedObject
from streams.core.label import Kind, Severity
from streams.core.policy import PolicyRef
from streams.core.rule import Mode

Source = Literal["automatic", "moderator"]


class Triggered(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A rule of the policy that a finding triggered, with what made it trigger."""

    rule: str
    mode: Mode
    engine: str
    label: str
    action: Action
    severity: Severity | None = None
    confidence: float | None = None  # 0..100
    threshold: float | None = None
    why: str | None = None
    evidence: tuple[Evidence, ...] = ()
    instead_of: Action | None = None  # what it led to before its breaker fell: it triggered suddenly often


class ReportSummary(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How one engine answered."""

    engine: str
    status: Status
    reason: str | None = None
    duration_ms: float | None = None
    version: str | None = None
    not_evaluated: dict[str, str] | None = None  # label -> why, of labels that no engine asked for media looked for


class Consequence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a decision means for its author beside the content."""

    kind: Literal["notice", "strike", "mute", "restrict", "lenient", "resubmission"]
    until: Milliseconds | None = None  # when it ends; of `strike`, when it expires
    strikes: Count | None = None  # that count from now on
    why: str | None = None


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One decision per content and revision. What has no default is always written."""

    decision_id: str
    content_id: str
    kind: Kind
    user_id: str
    revision: Count  # 0 automatic, +1 for each change
    action: Action
    labels: tuple[str, ...]  # of all enforced triggered rules, each once
    triggered: tuple[Triggered, ...]  # enforced rules, strongest action first
    shadow: tuple[Triggered, ...]  # the same for rules in shadow mode: no effect
    reports: tuple[ReportSummary, ...]  # every engine that was asked, once
    context: tuple[str, ...]  # content ids of the last ten messages, oldest first
    policy: PolicyRef
    source: Source
    escalate: bool
    partial: bool  # an engine's answer is missing
    reason: str  # one sentence a person can read
    received_at: str  # UTC ISO 8601 with milliseconds: time of the input's record in the log
    decided_at: str
    conversation_id: str | None = None
    tenant: str | None = None
    previous_action: Action | None = None
    masked_text: str | None = None  # the only text on `actions`
    severity: Severity | None = None  # the highest of the triggered rules
    confidence: float | None = None  # the highest of the triggered rules, 0..100
    ruling_id: str | None = None
    objects: tuple[JudgedObject, ...] = ()  # what was judged, as it lay there
    notice: dict[str, str] | None = None  # locale -> what the author is told, in a person's words
    may_resubmit: bool = False  # the author may send it again, revised
    resubmission_of: Id | None = None  # the bounced content that this one stands for
    consequences: tuple[Consequence, ...] = ()  # for the author


def decision_id(content_id: str, revision: int) -> str:
    """Return the 32 hexadecimal digits that name a content's decision of one revision."""
    return blake2b(f"{revision}:{content_id}".encode(), digest_size=16).hexdigest()
