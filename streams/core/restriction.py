"""What may lie upon a user: strikes with their expiry, restrictions with their end; values of a standing."""

from typing import Final, Literal

import msgspec

from streams.core.content import Count, Id, Milliseconds, Short

# Stands for an engine in a decision where a restriction of the user is what triggered.
ENGINE: Final = "standing"

# mute: what the user sends is blocked. restrict: the user alone sees what he sends.
RestrictionKind = Literal["mute", "restrict"]


class Strike(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A violation that counts against its author until it expires."""

    content_id: Id
    label: Short
    at: Milliseconds
    until: Milliseconds | None = None  # when it expires; never without it
    weight: Count = 1


class Restriction(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What keeps a user from being heard."""

    kind: RestrictionKind
    since: Milliseconds
    by: Short  # `ladder`, or who ordered it
    until: Milliseconds | None = None  # until released without it
    why: Short | None = None


class Violation(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A content of the user that was not allowed, and how that ended."""

    content_id: Id
    label: Short
    action: Short
    at: Milliseconds
    ended: Literal["stands", "withdrawn"] = "stands"


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known of a user; one record on `standings`, keyed by user id, while anything of it matters."""

    user_id: Id
    at: Milliseconds  # when it last changed
    strikes: tuple[Strike, ...] = ()  # those that may still count, oldest first
    restrictions: tuple[Restriction, ...] = ()
    trusted: bool | None = None  # as a person ordered; the platform's word holds without it
    violations: Count = 0  # of all time
    past: tuple[Violation, ...] = ()  # the last of them, oldest first


def strikes_at(standing: Standing, now: int) -> int:
    """Return the weight of the strikes that count at `now`, milliseconds since 1970."""
    return sum(strike.weight for strike in standing.strikes if strike.until is None or now < strike.until)


def restriction_at(standing: Standing, now: int) -> Restriction | None:
    """Return the strongest restriction in force at `now`, milliseconds since 1970: `mute` before `restrict`."""
    active = [one for one in standing.restrictions if one.until is None or now < one.until]
    return min(active, key=lambda one: one.kind != "mute", default=None)
