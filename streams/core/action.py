"""The nine actions in order of strength, and both spellings of each on input."""

from collections.abc import Iterable
from typing import Final, Literal, cast, get_args

Action = Literal[
    "allow",
    "flag",
    "mask",
    "mask_flag",
    "bounce",
    "bounce_flag",
    "bounce_block",
    "shadow_block",
    "block",
]

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
STRENGTH: Final[dict[str, int]] = {action: rank for rank, action in enumerate(ACTIONS)}

# Spellings that moderation products use for the same effect; read, never written.
SPELLINGS: Final[dict[str, Action]] = {
    "keep": "allow",
    "remove": "block",
    "shadow": "shadow_block",
    "bounce_remove": "bounce_block",
}

# What is returned to its author the first time, and ends otherwise when it comes again and still violates.
RETURNED_FIRST: Final[frozenset[str]] = frozenset({"bounce_flag", "bounce_block"})
MASKING: Final[frozenset[str]] = frozenset({"mask", "mask_flag"})
# What puts the content before a moderator.
REVIEWED: Final[frozenset[str]] = frozenset(
    {"flag", "mask_flag", "bounce_flag", "bounce_block", "shadow_block", "block"}
)


def action_named(spelling: str) -> Action:
    """Return the action that a spelling stands for; raise ValueError for an unknown one."""
    name = SPELLINGS.get(spelling, spelling)
    if name not in STRENGTH:
        message = f"unknown action {spelling!r}: one of {', '.join((*ACTIONS, *SPELLINGS))}"
        raise ValueError(message)
    return cast("Action", name)


def strongest(actions: Iterable[Action]) -> Action:
    """Return the strongest of the actions, `allow` when there is none."""
    return max(actions, key=STRENGTH.__getitem__, default="allow")
