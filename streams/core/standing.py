"""Standing: what goes to a user's standing is folded into it; a verdict comes out as the decision.

The same content counts once, the same order is carried out once. Times are milliseconds since 1970; `now` is when the
record is folded: strikes and restrictions expire by it.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import structs

from streams.core.climbing import climbed
from streams.core.decision import Consequence, Decision
from streams.core.ending import Ending, ended
from streams.core.moment import iso
from streams.core.notices import Notices, notice
from streams.core.restriction import Restriction, Standing, Strike, Violation
from streams.core.standing_rules import StandingRules
from streams.core.standing_state import (
    REMEMBERED_MS,
    Bounced,
    Rung,
    StandingState,
    capped,
    matters,
    pruned,
    standing_of,
    weight,
)
from streams.core.verdict import StandingOrder, Verdict, VerdictRecord

NO_NOTICES: Final[Notices] = MappingProxyType({})


class Folded(NamedTuple):
    """What one record, or the time, made of a user's standing."""

    state: StandingState | None  # None where nothing is kept
    decision: Decision | None = None  # of a verdict
    standing: Standing | None = None  # to be published
    retracted: bool = False  # what was published is to be taken back
    counted: bool = False  # a violation was added
    struck: str | None = None  # label of the strike that was added
    climbed: tuple[str, ...] = ()  # what steps of the ladder did


def user_of(record: VerdictRecord) -> str:
    """Return the id of the user whom a record is about."""
    return record.decision.user_id if isinstance(record, Verdict) else record.user_id


def folded(
    state: StandingState | None, record: VerdictRecord, rules: StandingRules, now: int, notices: Notices = NO_NOTICES
) -> Folded:
    """Return a user's standing after one more record; `rules` and `notices` are those of the policy that judged."""
    before = pruned(state or StandingState(user_of(record)), now)
    if isinstance(record, StandingOrder):
        if record.order_id in before.orders:
            return _told(state, before, Folded(before), now)
        return _told(state, before, Folded(_ordered(before, record, now)), now)
    return _told(state, before, _judged(before, record, rules, now, notices), now)


def aged(state: StandingState, now: int) -> Folded:
    """Return a user's standing as time alone has made it."""
    before = pruned(state, now)
    if not matters(before) and now - state.at > REMEMBERED_MS:
        return Folded(None, retracted=state.published)
    return _told(state, before, Folded(before), now)


def is_stale(state: StandingState, now: int) -> bool:
    """Say whether `aged` would change what is kept or published of a user."""
    found = aged(state, now)
    return found.retracted or found.state != state


def _told(old: StandingState | None, before: StandingState, found: Folded, now: int) -> Folded:
    """Return what was found, with what is to be published of it."""
    published = old is not None and old.published
    if found.state is None:
        return found._replace(retracted=published)
    state = capped(found.state)
    if state != before:
        state = structs.replace(state, at=now)
    if not matters(state):
        return found._replace(state=structs.replace(state, published=False), retracted=published)
    state = structs.replace(state, published=True)
    if old is not None and published and standing_of(state) == standing_of(old):
        return found._replace(state=state)
    return found._replace(state=state, standing=standing_of(state))


def _judged(state: StandingState, verdict: Verdict, rules: StandingRules, now: int, notices: Notices) -> Folded:
    judged, end = verdict.decision, ended(state, verdict, rules)
    content_id = judged.content_id
    known = content_id in {*(one.content_id for one in state.past), *(one.content_id for one in state.strikes)}
    counts = end.label is not None and not known
    strike = _strike(end, verdict, rules, now) if counts else None
    consequences = list(end.consequences)
    reasons = [judged.reason, *end.reasons]
    did: tuple[str, ...] = ()
    if counts:
        violation = Violation(content_id, end.label or "", end.action, min(verdict.at, now))
        state = structs.replace(state, violations=state.violations + 1, past=(*state.past, violation))
    if strike is not None:
        before = weight(state)
        state = _struck(state, strike)
        steps = climbed(rules.ladder, before, strike.weight, now)
        rests = tuple((one.content_id, one.weight) for one in state.strikes)
        state = structs.replace(
            state,
            rungs=(*state.rungs, *(Rung(put, step.strikes, rests) for step, put in steps if put is not None)),
        )
        total = before + strike.weight
        consequences.append(Consequence("strike", until=strike.until, strikes=total, why=strike.label))
        consequences += (
            Consequence(step.do, until=None if put is None else put.until, strikes=total) for step, put in steps
        )
        reasons += (_said(put, total) for _, put in steps if put is not None)
        did = tuple(step.do for step, _ in steps)
    if end.action == "bounce" and not any(one.content_id == content_id for one in state.bounced):
        state = structs.replace(state, bounced=(*state.bounced, Bounced(content_id, now)))
    decision = structs.replace(
        judged,
        action=end.action,
        decided_at=iso(now),
        notice=judged.notice if end.action == judged.action else notice(notices, end.action, judged.labels),
        masked_text=end.masked_text,
        reason="; ".join(reasons),
        may_resubmit=end.action == "bounce",
        resubmission_of=end.resubmission_of,
        consequences=tuple(consequences),
    )
    return Folded(state, decision, counted=counts, struck=None if strike is None else strike.label, climbed=did)


def _strike(end: Ending, verdict: Verdict, rules: StandingRules, now: int) -> Strike | None:
    """Return the strike of a content, the heaviest of its labels; None where none counts, or it has expired."""
    at = min(verdict.at, now)
    label = max(end.striking, key=rules.weight, default=None)
    if label is None or rules.weight(label) == 0 or at + rules.expiry(label) <= now:
        return None
    return Strike(verdict.decision.content_id, label, at, at + rules.expiry(label), rules.weight(label))


def _struck(state: StandingState, strike: Strike) -> StandingState:
    """Return the state with one more strike, which every restriction of the ladder rests on, too."""
    more = (strike.content_id, strike.weight)
    rungs = tuple(structs.replace(rung, rests=(*rung.rests, more)) for rung in state.rungs)
    return structs.replace(state, strikes=(*state.strikes, strike), rungs=rungs)


def _said(restriction: Restriction, strikes: int) -> str:
    done = {"mute": "muted", "restrict": "restricted"}[restriction.kind]
    end = "until released" if restriction.until is None else f"until {iso(restriction.until)}"
    return f"{strikes} strikes: {done} {end}"


def _ordered(state: StandingState, order: StandingOrder, now: int) -> StandingState | None:
    """Return the state after an order that was not carried out yet; None where nothing is kept."""
    match order.order:
        case "forget":
            return None
        case "restrict":
            put = Restriction(order.restriction or "restrict", min(order.at, now), order.by, order.until, order.why)
            state = structs.replace(state, ordered=(*state.ordered, put))
            state = pruned(state, now)
        case "release":
            state = structs.replace(state, ordered=(), rungs=())
        case "trust" | "distrust":
            state = structs.replace(state, trusted=order.order == "trust")
        case "withdraw":
            state = _withdrawn(state, order.content_id)
    return structs.replace(state, orders=(*state.orders, order.order_id))


def _withdrawn(state: StandingState, content_id: str | None) -> StandingState:
    """Return the state without what a content led to: strike, and what rests on it; unchanged where it led to nothing.

    Its violation stays, as withdrawn, and is counted no more.
    """
    stands = [one for one in state.past if one.content_id == content_id and one.ended == "stands"]
    struck = any(one.content_id == content_id for one in state.strikes)
    gone = any(one.content_id == content_id and one.ended == "withdrawn" for one in state.past)
    rungs = (
        structs.replace(rung, rests=tuple(each for each in rung.rests if each[0] != content_id)) for rung in state.rungs
    )
    return structs.replace(
        state,
        violations=max(0, state.violations - ((bool(stands) or struck) and not gone)),
        past=tuple(structs.replace(one, ended="withdrawn") if one in stands else one for one in state.past),
        strikes=tuple(one for one in state.strikes if one.content_id != content_id),
        rungs=tuple(rung for rung in rungs if sum(each for _, each in rung.rests) >= rung.strikes),
        bounced=tuple(one for one in state.bounced if one.content_id != content_id),
    )
