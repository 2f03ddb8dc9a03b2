"""The ruling: what a moderator decided about a content; one record on `rulings`, keyed by user id."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from streams.core.action import Action
from streams.core.content import Id, Milliseconds, Short, Text
from streams.core.decision import Decision

# approve: the action stands, or what was flagged is fine. override: another action. escalate, deescalate: the action
# stays, and who looks at it changes.
Act = Literal["approve", "override", "escalate", "deescalate"]
ACTS: Final[tuple[Act, ...]] = ("approve", "override", "escalate", "deescalate")

Priority = Annotated[int, Meta(ge=0, le=3)]  # of what is escalated: 3 is looked at first


class Ruling(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One act of a moderator that changes a decision. It carries the decision, so that no agent needs a history."""

    ruling_id: Id  # the same ruling twice is one
    act: Act
    decision: Decision  # the newest that the moderator saw
    by: Short  # the account, or the token's
    at: Milliseconds
    action: Action | None = None  # of `override`
    masked_text: Text | None = None  # of `override` with an action that masks, where the decision has none
    priority: Priority = 0  # of `escalate`
    reason: Short | None = None
