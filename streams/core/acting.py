"""What an act makes of a review item: the act and the item as it is in, the item afterwards out.

Approving says that what the machine did is right; where it only asked a person to look, that there was nothing.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from streams.core.action import MASKING, RETURNED_FIRST, Action
from streams.core.content import TEXT_LIMIT
from streams.core.decision import Decision
from streams.core.label import TEXT_KINDS
from streams.core.ruling import Act
from streams.core.span import MASK, Span, masked

# What approving makes of actions that put a content before a person; every other action stands.
APPROVED: Final[Mapping[Action, Action]] = {"flag": "allow", "mask_flag": "mask"}


class Reviewed(msgspec.Struct, frozen=True, gc=False):
    """What of a review item an act changes."""

    action: Action
    open: bool = True
    escalated: bool = False
    priority: int = 0  # 0..3, of what is escalated
    confirmed: bool | None = None  # the rules that triggered were right; None: nothing was said of them


def approved(action: Action) -> Action:
    """Return the action that holds when a person approves one."""
    return APPROVED.get(action, action)


def reviewed(act: Act, item: Reviewed, action: Action | None = None, priority: int = 0) -> Reviewed:
    """Return an item after an act; `action` is what `override` asks for, `priority` what `escalate` does.

    What ends in `allow` says that the rules which triggered were wrong. Who escalates a closed item opens it again;
    whoever decides what is to happen has looked, and nothing is escalated any more. As core/ruled has it.
    """
    match act:
        case "approve":
            ended = approved(item.action)
        case "override":
            if action is None:
                raise ValueError("override to which action?")
            # What is returned the first time: what comes again is judged anew.
            ended = "bounce" if action in RETURNED_FIRST else action
        case "escalate":
            return msgspec.structs.replace(item, open=True, escalated=True, priority=priority, confirmed=None)
        case "deescalate":
            return msgspec.structs.replace(item, escalated=False, priority=0, confirmed=None)
    return Reviewed(ended, open=False, confirmed=ended != "allow")


def hidden(decision: Decision, action: Action, text: str | None) -> str | None:
    """Return the text as others see it where a person has an action mask; None where nobody knows what to hide.

    The decision's own masked text; without it the item's text with every place masked at which a rule triggered.
    Places in what was read from pictures are none of the text.
    """
    if action not in MASKING:
        return None
    if decision.masked_text is not None:
        return decision.masked_text
    if text is None or decision.kind not in TEXT_KINDS:
        return None
    spans = spans_of(decision)
    if not spans:
        return None
    shown = masked(text, spans)
    return shown if len(shown) <= TEXT_LIMIT else MASK  # a mask may be longer than what it hides


def spans_of(decision: Decision) -> list[Span]:
    """Return the places of the text at which an enforced rule triggered; empty ones are left out."""
    return [
        evidence.span
        for triggered in decision.triggered
        for evidence in triggered.evidence
        if evidence.span is not None and evidence.attachment is None and evidence.span[0] < evidence.span[1]
    ]
