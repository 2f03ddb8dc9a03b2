"""What is kept of a user to hold his content against: table value of the role `enforce`, and what of it is published.

Every list is bounded, so that a value is a few kilobytes whatever a user does.
"""

from typing import Final

import msgspec
from msgspec import structs

from streams.core.restriction import Restriction, Standing, Strike, Violation

STRIKES: Final = 200  # kept; a ladder ends at 100 strikes (core/standing_rules)
RESTRICTIONS: Final = 50  # of the ladder, and as many that people ordered
PAST: Final = 20  # violations that are remembered one by one
BOUNCED: Final = 50  # contents that may be sent again
BOUNCED_MS: Final = 86_400_000  # for so long a bounced content may be named as replaced
ORDERS: Final = 50  # ids of orders that are known to be carried out
RULED: Final = 50  # contents that a moderator decided otherwise: an automatic decision that comes again is none
REMEMBERED_MS: Final = 365 * 86_400_000  # a user of whom nothing holds is forgotten so long after the last of it


class Bounced(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A content that was returned to its author for revision."""

    content_id: str
    at: int  # milliseconds since 1970, when it was decided


class Rung(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A restriction that the ladder put on, and the strikes that it rests on."""

    restriction: Restriction
    strikes: int  # of the step: it is lifted when less is left
    rests: tuple[tuple[str, int], ...]  # (content id, weight): what counted when it was put on, and came since


class StandingState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that is kept of a user. Written by position: a new field goes to the end, with a default."""

    user_id: str
    at: int = 0  # milliseconds since 1970, when it last changed
    strikes: tuple[Strike, ...] = ()
    ordered: tuple[Restriction, ...] = ()  # by people
    rungs: tuple[Rung, ...] = ()
    trusted: bool | None = None
    violations: int = 0  # of all time, without those that were withdrawn
    past: tuple[Violation, ...] = ()
    bounced: tuple[Bounced, ...] = ()
    orders: tuple[str, ...] = ()
    published: bool = False  # a record of the user lies on `standings`
    ruled: tuple[str, ...] = ()  # content ids of which a moderator changed the action, the last one last


def weight(state: StandingState) -> int:
    """Return what the strikes of a pruned state weigh together."""
    return sum(strike.weight for strike in state.strikes)


def pruned(state: StandingState, now: int) -> StandingState:
    """Return the state without what has ended at `now`, milliseconds since 1970."""
    return structs.replace(
        state,
        strikes=tuple(strike for strike in state.strikes if strike.until is None or now < strike.until),
        ordered=tuple(one for one in state.ordered if _holds(one, now)),
        rungs=tuple(rung for rung in state.rungs if _holds(rung.restriction, now)),
        bounced=tuple(one for one in state.bounced if now < one.at + BOUNCED_MS),
    )


def capped(state: StandingState) -> StandingState:
    """Return the state with the last entries of each list; of restrictions those that hold longest."""
    return structs.replace(
        state,
        strikes=state.strikes[-STRIKES:],
        ordered=_longest(state.ordered),
        rungs=_longest_rungs(state.rungs),
        past=state.past[-PAST:],
        bounced=state.bounced[-BOUNCED:],
        orders=state.orders[-ORDERS:],
        ruled=state.ruled[-RULED:],
    )


def standing_of(state: StandingState) -> Standing:
    """Return what is published of a state."""
    restrictions = (*state.ordered, *(rung.restriction for rung in state.rungs))
    return Standing(
        user_id=state.user_id,
        at=state.at,
        strikes=state.strikes,
        restrictions=tuple(sorted(restrictions, key=lambda one: one.since)),
        trusted=state.trusted,
        violations=state.violations,
        past=state.past,
    )


def matters(state: StandingState) -> bool:
    """Say whether anything of a pruned state holds: only then are all workers to know of the user."""
    return bool(state.strikes or state.ordered or state.rungs or state.trusted is not None)


def holds(standing: Standing, now: int) -> bool:
    """Say whether anything that is published of a user holds at `now`, milliseconds since 1970."""
    return (
        standing.trusted is not None
        or any(one.until is None or now < one.until for one in standing.strikes)
        or any(_holds(one, now) for one in standing.restrictions)
    )


def _holds(restriction: Restriction, now: int) -> bool:
    return restriction.until is None or now < restriction.until


def _end(restriction: Restriction) -> float:
    return float("inf") if restriction.until is None else restriction.until


def _longest(restrictions: tuple[Restriction, ...]) -> tuple[Restriction, ...]:
    if len(restrictions) <= RESTRICTIONS:
        return restrictions
    return tuple(sorted(restrictions, key=lambda one: (-_end(one), one.since))[:RESTRICTIONS])


def _longest_rungs(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    if len(rungs) <= RESTRICTIONS:
        return rungs
    return tuple(sorted(rungs, key=lambda rung: (-_end(rung.restriction), rung.restriction.since))[:RESTRICTIONS])
