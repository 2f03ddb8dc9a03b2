"""Strikes: put on a user, with the steps of the ladder that they lead to, and taken off again."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import structs

from streams.core.climbing import climbed
from streams.core.decision import Consequence
from streams.core.moment import iso
from streams.core.restriction import Restriction, Strike
from streams.core.standing_rules import StandingRules
from streams.core.standing_state import Rung, StandingState, weight
from streams.core.verdict import Verdict


class Struck(NamedTuple):
    """A user's standing after a strike, and what is to be said of it in the decision."""

    state: StandingState
    consequences: tuple[Consequence, ...]
    reasons: tuple[str, ...]
    climbed: tuple[str, ...]  # what steps of the ladder did


def strike_for(verdict: Verdict, labels: Iterable[str], rules: StandingRules, now: int) -> Strike | None:
    """Return the strike of a content, the heaviest of the labels; None where none counts, or it has expired."""
    at = min(verdict.at, now)
    label = max(labels, key=rules.weight, default=None)
    if label is None or rules.weight(label) == 0 or at + rules.expiry(label) <= now:
        return None
    return Strike(verdict.decision.content_id, label, at, at + rules.expiry(label), rules.weight(label))


def struck(state: StandingState, strike: Strike, rules: StandingRules, now: int) -> Struck:
    """Return a pruned state with one more strike, which every restriction of the ladder rests on, too."""
    before = weight(state)
    more = (strike.content_id, strike.weight)
    rungs = tuple(structs.replace(rung, rests=(*rung.rests, more)) for rung in state.rungs)
    state = structs.replace(state, strikes=(*state.strikes, strike), rungs=rungs)
    steps = climbed(rules.ladder, before, strike.weight, now)
    rests = tuple((one.content_id, one.weight) for one in state.strikes)
    put_on = tuple(Rung(put, step.strikes, rests) for step, put in steps if put is not None)
    total = before + strike.weight
    consequences = (
        Consequence("strike", until=strike.until, strikes=total, why=strike.label),
        *(Consequence(step.do, until=None if put is None else put.until, strikes=total) for step, put in steps),
    )
    return Struck(
        structs.replace(state, rungs=(*state.rungs, *put_on)),
        consequences,
        tuple(_said(put, total) for _, put in steps if put is not None),
        tuple(step.do for step, _ in steps),
    )


def unstruck(state: StandingState, content_id: str | None) -> StandingState:
    """Return the state without the strike of a content, and without the restrictions that rested on it."""
    rungs = (
        structs.replace(rung, rests=tuple(each for each in rung.rests if each[0] != content_id)) for rung in state.rungs
    )
    return structs.replace(
        state,
        strikes=tuple(one for one in state.strikes if one.content_id != content_id),
        rungs=tuple(rung for rung in rungs if sum(each for _, each in rung.rests) >= rung.strikes),
    )


def withdrawn(state: StandingState, content_id: str | None) -> StandingState:
    """Return the state without what a content led to: strike, and what rests on it; unchanged where it led to nothing.

    Its violation stays, as withdrawn, and is counted no more.
    """
    stands = [one for one in state.past if one.content_id == content_id and one.ended == "stands"]
    held = any(one.content_id == content_id for one in state.strikes)
    gone = any(one.content_id == content_id and one.ended == "withdrawn" for one in state.past)
    return structs.replace(
        unstruck(state, content_id),
        violations=max(0, state.violations - ((bool(stands) or held) and not gone)),
        past=tuple(structs.replace(one, ended="withdrawn") if one in stands else one for one in state.past),
        bounced=tuple(one for one in state.bounced if one.content_id != content_id),
    )


def _said(restriction: Restriction, strikes: int) -> str:
    done = {"mute": "muted", "restrict": "restricted"}[restriction.kind]
    end = "until released" if restriction.until is None else f"until {iso(restriction.until)}"
    return f"{strikes} strikes: {done} {end}"
