"""Panels: tenant, kind and conversation of a content in, the one policy that judges it out, with its inline engines."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from streams.core.applies import Matches, matcher, overlap
from streams.core.decision import Decision, decision_id
from streams.core.engine import Engine
from streams.core.facts import Facts
from streams.core.label import KINDS
from streams.core.moment import iso
from streams.core.policy import NO_MARKS, Marks, Policy, PolicyRef
from streams.core.restricting import restriction_line
from streams.core.standing_rules import RESTRICTED

NOBODY: Final = PolicyRef("none", "none")  # is named by the decision on content that no policy claims
SHOWN: Final = 5  # tenants or patterns that an error names


class Panel(NamedTuple):
    """A policy and what judges texts by it at once."""

    policy: Policy
    engines: tuple[Engine, ...]  # inline text engines


class Conflict(ValueError):
    """Policies that claim the same content; one line for each pair."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(lines))


class Panels:
    """The policies that judge at one time. Of those that claim a content the most specific one judges it."""

    def __init__(self, panels: Iterable[Panel]) -> None:
        """Raise Conflict where two that are equally specific claim the same content."""
        self.every: tuple[Panel, ...] = tuple(panels)
        lines = conflicts([panel.policy for panel in self.every])
        if lines:
            raise Conflict(lines)
        ordered = sorted(self.every, key=lambda panel: -panel.policy.claim.specificity)  # stable
        rows = [(panel, _matches(panel.policy)) for panel in ordered]
        named = frozenset[str]().union(*(panel.policy.claim.tenants or () for panel in self.every))
        self._others = _by_kind(rows, None)
        self._by_tenant: dict[str | None, dict[str, tuple[_Row, ...]]] = {name: _by_kind(rows, name) for name in named}
        self.marks: Marks = _most(panel.policy.marks for panel in self.every)

    def of(self, tenant: str | None, kind: str, conversation_id: str | None) -> Panel | None:
        """Return what judges such a content; None where no policy claims it."""
        for panel, matches in self._by_tenant.get(tenant, self._others).get(kind, ()):
            if matches is None or (conversation_id is not None and matches(conversation_id)):
                return panel
        return None


_Row = tuple[Panel, Matches | None]


def _matches(policy: Policy) -> Matches | None:
    conversations = policy.claim.conversations
    return None if conversations is None else matcher(conversations)


def _by_kind(rows: Sequence[_Row], tenant: str | None) -> dict[str, tuple[_Row, ...]]:
    claiming = [row for row in rows if (tenants := row[0].policy.claim.tenants) is None or tenant in tenants]
    return {kind: tuple(row for row in claiming if kind in row[0].policy.kinds) for kind in KINDS}


def _most(marks: Iterable[Marks]) -> Marks:
    every = list(marks)
    most = max((each.most for each in every), default=0)
    return Marks(most, max(each.horizon_ms for each in every)) if most else NO_MARKS


def unclaimed(facts: Facts, now: int) -> Decision:
    """Return the decision on content that no policy claims; `now` in milliseconds since 1970.

    A restriction of its author holds nevertheless: it is the user's, not a policy's.
    """
    line = restriction_line(facts, RESTRICTED)
    return Decision(
        decision_id=decision_id(facts.content_id, 0),
        content_id=facts.content_id,
        kind=facts.kind,
        user_id=facts.user_id,
        revision=0,
        action="allow" if line is None else line.action,
        labels=() if line is None else (line.label,),
        triggered=() if line is None else (line,),
        shadow=(),
        reports=(),
        context=facts.context,
        policy=NOBODY,
        source="automatic",
        escalate=False,
        partial=False,
        reason="no policy judges this content" + ("" if line is None else f"; its author is {line.rule}"),
        received_at=iso(facts.received_at),
        decided_at=iso(now),
        conversation_id=facts.conversation_id,
        tenant=facts.tenant,
    )


def conflicts(policies: Sequence[Policy]) -> list[str]:
    """Return a line for each pair of policies that are equally specific and claim the same content."""
    return [
        f"{first.ref.id} and {second.ref.id} both claim {', '.join(shared)}: "
        "narrow one of them, or give one a tenant or a conversation pattern that makes it more specific"
        for first, second in combinations(policies, 2)
        if (shared := tuple(_shared(first, second)))
    ]


def _shared(first: Policy, second: Policy) -> Iterator[str]:
    """Yield what content both claim, in a person's words; nothing where they share none."""
    one, other = first.claim, second.claim
    kinds = [kind for kind in KINDS if kind in first.kinds and kind in second.kinds]
    if one.specificity != other.specificity or not kinds:
        return
    tenants = sorted((one.tenants or frozenset()) & (other.tenants or frozenset()))
    if one.tenants is not None and not tenants:
        return
    patterns = _meeting(one.conversations or (), other.conversations or ())
    if one.conversations is not None and not patterns:
        return
    yield f"kinds {_listed(kinds)}"
    if tenants:
        yield f"tenants {_listed(tenants)}"
    if patterns:
        yield f"conversations {_listed(patterns)}"


def _meeting(first: Iterable[str], second: Sequence[str]) -> list[str]:
    return [one if one == other else f"{one} with {other}" for one in first for other in second if overlap(one, other)]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
