"""Standing: what goes to a user's standing is folded into it; a verdict comes out as the decision.

The same content counts once, the same order is carried out once. What a moderator decided stands: it is never
softened, and an automatic decision on the same content that comes again (its input was sent once more, long after) is
none. Times are milliseconds since 1970; `now` is when the record is folded: strikes and restrictions expire by it.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import structs

from streams.core.corrected import corrected
from streams.core.decision import Decision
from streams.core.ending import ended
from streams.core.moment import iso
from streams.core.notices import Notices, notice
from streams.core.restriction import Restriction, Standing, Violation
from streams.core.standing_rules import StandingRules
from streams.core.standing_state import (
    REMEMBERED_MS,
    Bounced,
    StandingState,
    capped,
    matters,
    pruned,
    standing_of,
)
from streams.core.striking import strike_for, struck, withdrawn
from streams.core.verdict import StandingOrder, Verdict, VerdictRecord

NO_NOTICES: Final[Notices] = MappingProxyType({})


class Folded(NamedTuple):
    """What one record, or the time, made of a user's standing."""

    state: StandingState | None  # None where nothing is kept
    decision: Decision | None = None  # of a verdict that comes for the first time
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
    if record.decision.source == "moderator":
        return _told(state, before, _ruled(before, record, rules, now, notices), now)
    if record.decision.content_id in before.ruled:
        return _told(state, before, Folded(before), now)
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
    strike = strike_for(verdict, end.striking, rules, now) if counts else None
    consequences, reasons = end.consequences, (judged.reason, *end.reasons)
    did: tuple[str, ...] = ()
    if counts:
        violation = Violation(content_id, end.label or "", end.action, min(verdict.at, now))
        state = structs.replace(state, violations=state.violations + 1, past=(*state.past, violation))
    if strike is not None:
        done = struck(state, strike, rules, now)
        state, did = done.state, done.climbed
        consequences, reasons = (*consequences, *done.consequences), (*reasons, *done.reasons)
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
        consequences=consequences,
    )
    return Folded(state, decision, counted=counts, struck=None if strike is None else strike.label, climbed=did)


def _ruled(state: StandingState, verdict: Verdict, rules: StandingRules, now: int, notices: Notices) -> Folded:
    """Fold a moderator's decision: it stands as it is, and the standing follows it."""
    ruled, found = verdict.decision, corrected(state, verdict, rules, now)
    decision = structs.replace(
        ruled,
        decided_at=iso(now),
        notice=ruled.notice or notice(notices, ruled.action, ruled.labels),
        reason="; ".join((ruled.reason, *found.reasons)),
        consequences=found.consequences,
    )
    label = None if found.strike is None else found.strike.label
    return Folded(found.state, decision, counted=found.counted, struck=label, climbed=found.climbed)


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
            state = withdrawn(state, order.content_id)
    return structs.replace(state, orders=(*state.orders, order.order_id))
