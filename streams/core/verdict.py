"""What goes to the standing of an author: verdicts and orders of people, on `verdicts` by user id."""

from typing import Final, Literal

import msgspec

from streams.core.content import Id, Milliseconds, Short
from streams.core.decision import Decision
from streams.core.restriction import RestrictionKind

VERDICT_TAG: Final = "type"

# restrict: put a restriction on. release: lift all of them. trust, distrust: say whether exemptions for trusted authors
# hold. withdraw: take back what a content led to, strike and all. forget: erase all that is known of the user.
Order = Literal["restrict", "release", "trust", "distrust", "withdraw", "forget"]


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, tag="verdict", tag_field=VERDICT_TAG, gc=False):
    """A decision on its way past the standing of its author, who may change what the judge's leads to."""

    decision: Decision  # of the judge: not `allow`; of a moderator: what he ruled
    at: Milliseconds  # time of the content's record in the log; of the ruling
    resubmits: Id | None = None  # the content that it says to replace
    previous: Id | None = None  # the author's text before it in its conversation, at most ten minutes older
    trusted: bool | None = None  # the platform's word


class StandingOrder(
    msgspec.Struct, frozen=True, omit_defaults=True, tag="standing_order", tag_field=VERDICT_TAG, gc=False
):
    """What a person orders about a user."""

    user_id: Id
    order_id: Id  # the same order twice is one
    order: Order
    at: Milliseconds
    by: Short  # who
    why: Short | None = None
    restriction: RestrictionKind | None = None  # of `restrict`
    until: Milliseconds | None = None  # of `restrict`; without it until released
    content_id: Id | None = None  # of `withdraw`


VerdictRecord = Verdict | StandingOrder
