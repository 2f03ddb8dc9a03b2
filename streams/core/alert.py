"""Alerts: a decision in, what a person or a queue is told of it out: ids and names, never what anybody wrote.

The subject, the message and the attributes fit SNS: a subject of ASCII under 100 characters, at most ten attributes.
"""

from typing import Final, NamedTuple

import msgspec

from streams.core.action import Action
from streams.core.decision import Decision
from streams.core.label import Kind, Severity
from streams.core.link_form import filled

LONGEST_SUBJECT: Final = 99  # characters
MOST_RULES: Final = 20  # of one message; each has a reason of up to 500 characters


class AlertRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule that triggered: its names, and the reason that its author wrote."""

    engine: str
    rule: str
    label: str
    action: Action
    why: str | None = None


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an alert says. The decision's own sentence is left out, for it may hold words of the content."""

    content_id: str
    decision_id: str
    revision: int
    kind: Kind
    action: Action
    labels: tuple[str, ...]
    rules: tuple[AlertRule, ...]  # strongest first
    policy_id: str
    policy_version: str
    escalate: bool
    partial: bool
    decided_at: str
    severity: Severity | None = None
    confidence: float | None = None
    tenant: str | None = None
    previous_action: Action | None = None
    link: str | None = None


class Alert(NamedTuple):
    """A message with its subject, and what subscriptions filter by."""

    subject: str
    message: Message
    texts: dict[str, str]
    numbers: dict[str, int]
    lists: dict[str, tuple[str, ...]]


def alert(decision: Decision, link: str | None = None) -> Alert:
    """Return what is told of a decision; `link` is an address with `{content_id}` or `{decision_id}` in it."""
    label = decision.labels[0] if decision.labels else None
    subject = " ".join(part for part in (decision.action, decision.severity, label) if part)
    texts = {
        "action": decision.action,
        "kind": decision.kind,
        "severity": decision.severity or "none",
        "escalate": "true" if decision.escalate else "false",
        **({"tenant": decision.tenant} if decision.tenant else {}),
    }
    message = Message(
        content_id=decision.content_id,
        decision_id=decision.decision_id,
        revision=decision.revision,
        kind=decision.kind,
        action=decision.action,
        labels=decision.labels,
        rules=tuple(
            AlertRule(one.engine, one.rule, one.label, one.action, one.why) for one in decision.triggered[:MOST_RULES]
        ),
        policy_id=decision.policy.id,
        policy_version=decision.policy.version,
        escalate=decision.escalate,
        partial=decision.partial,
        decided_at=decision.decided_at,
        severity=decision.severity,
        confidence=decision.confidence,
        tenant=decision.tenant,
        previous_action=decision.previous_action,
        link=None if link is None else filled(link, content_id=decision.content_id, decision_id=decision.decision_id),
    )
    plain = "".join(character if " " <= character <= "~" else "?" for character in subject)
    lists = {"labels": decision.labels} if decision.labels else {}
    return Alert(plain[:LONGEST_SUBJECT], message, texts, {"revision": decision.revision}, lists)


def as_text(message: Message) -> str:
    """Return a message as lines for a person."""
    lines = [f"content: {message.content_id}", f"action: {message.action}"]
    if message.previous_action is not None:
        lines.append(f"before: {message.previous_action}")
    if message.labels:
        lines.append(f"labels: {', '.join(message.labels)}")
    if message.severity is not None:
        lines.append(f"severity: {message.severity}")
    if message.confidence is not None:
        lines.append(f"confidence: {message.confidence:g}")
    lines += [f"rule: {one.engine}/{one.rule}" + (f": {one.why}" if one.why else "") for one in message.rules]
    lines += [
        f"policy: {message.policy_id} {message.policy_version}",
        f"decision: {message.decision_id}, revision {message.revision}, {message.decided_at}",
    ]
    if message.link is not None:
        lines.append(message.link)
    return "\n".join(lines)
