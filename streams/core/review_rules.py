"""What a policy says of review: the section `review` as written in, what acts must be given out."""

from typing import Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

# undo is an override; restrict and release are orders about a user, whom no policy judges.
Reasoned = Literal["approve", "override", "escalate", "deescalate"]
# Who overrules the machine, or hands an item on, tells the next one why.
REASONED: Final[tuple[Reasoned, ...]] = ("override", "escalate")


class ReviewConfig(BaseModel):
    """The section `review` of a policy."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    require_reason: list[Reasoned] = Field(
        default=list(REASONED), max_length=4, description="Acts for which a moderator must give a reason."
    )

    def rules(self) -> "ReviewRules":
        """Return the section as the review service reads it."""
        return ReviewRules(frozenset(self.require_reason))


class ReviewRules(msgspec.Struct, frozen=True, gc=False):
    """What a policy says of review, compiled."""

    require_reason: frozenset[Reasoned] = frozenset(REASONED)


# Of a policy without the section, and of items whose policy nobody knows any more.
DEFAULT: Final = ReviewRules()


def by_default(policy_id: str) -> ReviewRules:
    """Return what holds of every policy where nobody follows them."""
    del policy_id
    return DEFAULT
