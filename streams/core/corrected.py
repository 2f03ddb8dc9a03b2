"""Corrections: a decision that a moderator changed, and the standing of its author in; the standing as it is then out.

The standing follows the change: what ends in `allow` led to nothing; what counts now and did not before is a strike,
whoever the author is; what counts no more is none. A decision whose action stays changes nothing.
"""

from typing import Final, NamedTuple

from msgspec import structs

from streams.core.action import Action
from streams.core.decision import Consequence, Decision
from streams.core.restriction import ENGINE as STANDING
from streams.core.restriction import Strike, Violation
from streams.core.standing_rules import StandingRules
from streams.core.standing_state import Bounced, StandingState
from streams.core.striking import strike_for, struck, unstruck, withdrawn
from streams.core.verdict import Verdict

# What a violation is for that no rule found: a person did.
UNLABELLED: Final = "unlabelled"


class Corrected(NamedTuple):
    """What a moderator's decision made of a user's standing."""

    state: StandingState
    counted: bool = False  # a violation was added
    strike: Strike | None = None  # that was added
    consequences: tuple[Consequence, ...] = ()
    reasons: tuple[str, ...] = ()
    climbed: tuple[str, ...] = ()


def corrected(state: StandingState, verdict: Verdict, rules: StandingRules, now: int) -> Corrected:
    """Return what a moderator's decision makes of a pruned state; `now` in milliseconds since 1970."""
    decision = verdict.decision
    content_id, action = decision.content_id, decision.action
    if action == decision.previous_action:
        return Corrected(state)
    held = any(one.content_id == content_id for one in state.strikes)
    said = ("its strike is withdrawn",) if held else ()
    state = structs.replace(state, ruled=(*(one for one in state.ruled if one != content_id), content_id))
    if action == "allow":
        return Corrected(withdrawn(state, content_id), reasons=said)
    state = _bounced(state, content_id, action, now)
    found = Corrected(state)
    if held and rules.counted and action not in rules.counted:
        found = Corrected(unstruck(state, content_id), reasons=said)
    elif not held and action in rules.counted and decision.previous_action not in rules.counted:
        found = _struck(state, verdict, rules, now)
    return _violated(found, verdict, held=held, now=now)


def _struck(state: StandingState, verdict: Verdict, rules: StandingRules, now: int) -> Corrected:
    strike = strike_for(verdict, _labels(verdict.decision), rules, now)
    if strike is None:
        return Corrected(state)
    done = struck(state, strike, rules, now)
    return Corrected(
        done.state, strike=strike, consequences=done.consequences, reasons=done.reasons, climbed=done.climbed
    )


def _violated(found: Corrected, verdict: Verdict, *, held: bool, now: int) -> Corrected:
    """Return the same with the content's violation as it ended: added where there was none, or it was withdrawn.

    What no rule of the policy found, and was not allowed for another reason, is none before it is a strike.
    """
    decision, state = verdict.decision, found.state
    content_id, action = decision.content_id, decision.action
    if any(one.content_id == content_id and one.ended == "stands" for one in state.past):
        past = tuple(structs.replace(one, action=action) if one.content_id == content_id else one for one in state.past)
        return found._replace(state=structs.replace(state, past=past))
    if held or (found.strike is None and decision.previous_action != "allow"):
        return found
    violation = Violation(content_id, _labels(decision)[0], action, min(verdict.at, now))
    others = tuple(one for one in state.past if one.content_id != content_id)
    state = structs.replace(state, violations=state.violations + 1, past=(*others, violation))
    return found._replace(state=state, counted=True)


def _labels(decision: Decision) -> tuple[str, ...]:
    """Return the labels of what was found, the strongest rule's first; a restriction of the author found nothing."""
    labels = dict.fromkeys(line.label for line in decision.triggered if line.engine != STANDING)
    return tuple(labels) or (UNLABELLED,)


def _bounced(state: StandingState, content_id: str, action: Action, now: int) -> StandingState:
    """Return the state in which what replaces the content is known as such if it was returned, and else not."""
    bounced = tuple(one for one in state.bounced if one.content_id != content_id)
    return structs.replace(state, bounced=(*bounced, Bounced(content_id, now)) if action == "bounce" else bounced)
