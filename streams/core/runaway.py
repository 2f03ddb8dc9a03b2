"""The breaker for a runaway rule: how often rules trigger in, which of them fell and which act again out.

A rule falls when its share lately is far above its baseline. It then does no more than `flag`, until it is released by
hand or a time has passed; a rule in shadow mode has no effect anyway and is only told of.
"""

from typing import NamedTuple

import msgspec

from streams.core.policy import PolicyRef
from streams.core.trigger_share import RuleKey, Shares, Spans
from streams.core.triggering import Tally


class Bounds(msgspec.Struct, frozen=True):
    """When a rule falls, and for how long."""

    spans: Spans
    triggered: int  # contents of the window, at least
    factor: float  # times the baseline
    floor: float  # share below which no rule falls, 0..1
    new_rule_share: float  # the same for a rule without a baseline
    hold_ms: int  # until it acts again


class Fall(NamedTuple):
    """A rule that fell."""

    policy: PolicyRef
    key: RuleKey
    since: int  # milliseconds since 1970
    share: float  # lately, 0..1
    baseline: float  # 0..1; 0 where there was none


class _Watch:
    """What is known of one policy version."""

    __slots__ = ("accepted", "at", "fallen", "inherited", "shares")

    def __init__(self, spans: Spans, inherited: dict[RuleKey, float]) -> None:
        self.shares = Shares(spans)
        self.inherited = inherited  # shares under the version before
        self.accepted: dict[RuleKey, float] = {}  # shares that a person said are right
        self.fallen: dict[RuleKey, Fall] = {}
        self.at = 0  # when it last judged

    def usual(self, key: RuleKey) -> tuple[float, bool]:
        """Return a rule's share as a rule, and whether it is this version's own."""
        own = self.shares.baseline(key)
        accepted = self.accepted.get(key, 0.0)
        return max(self.inherited.get(key, 0.0) if own is None else own, accepted), own is not None

    def shares_known(self) -> dict[RuleKey, float]:
        """Return what the next version begins with."""
        known = self.shares.baselines() or self.inherited
        return {key: max(known.get(key, 0.0), self.accepted.get(key, 0.0)) for key in known.keys() | self.accepted}


class Runaway:
    """Watches all rules of all policies that one worker judges by. Times in milliseconds since 1970."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._watches: dict[PolicyRef, _Watch] = {}
        self._trusted: dict[tuple[str, str, str], int] = {}  # policy id, engine, rule -> until when it cannot fall

    def noted(self, policy: PolicyRef, tally: Tally, now: int) -> list[Fall]:
        """Count what one batch was judged by a policy; return the rules that fall now."""
        watch = self._watches.get(policy) or self._begun(policy, now)
        watch.at = now
        watch.shares.add(tally.judged, tally.triggered, now, watch.fallen.keys())
        if watch.shares.judged < self._bounds.spans.window_judged:
            return []
        falls = [fall for key in tally.triggered if (fall := self._fall(policy, watch, key, now)) is not None]
        watch.fallen |= {fall.key: fall for fall in falls}
        return falls

    def risen(self, now: int) -> list[Fall]:
        """Return the rules whose time has passed: they act again, and are watched from a new window on."""
        return [watch.fallen.pop(fall.key) for watch in self._watches.values() for fall in self._over(watch, now)]

    def released(self, policy_id: str, engine: str, rule: str, at: int) -> list[Fall]:
        """Let a rule act again that fell before `at`, at a person's word; return its falls.

        The share at which it fell is from now on right for that policy version. Where it has not fallen yet, as in a
        worker that saw less of it, it cannot fall for as long as it would have been held.
        """
        self._trusted[policy_id, engine, rule] = at + self._bounds.hold_ms
        falls = []
        for ref, watch in self._watches.items():
            for key in [key for key in watch.fallen if (ref.id, *key[:2]) == (policy_id, engine, rule)]:
                if watch.fallen[key].since > at:
                    continue
                fall = watch.fallen.pop(key)
                watch.accepted[key] = max(fall.share, watch.shares.lately(key))
                watch.shares.anew()
                falls.append(fall)
        return falls

    @property
    def fallen(self) -> list[Fall]:
        """Return the rules that are held now, those in shadow mode among them."""
        return [fall for watch in self._watches.values() for fall in watch.fallen.values()]

    def _over(self, watch: _Watch, now: int) -> list[Fall]:
        over = [fall for fall in watch.fallen.values() if now - fall.since >= self._bounds.hold_ms]
        if over:
            watch.shares.anew()
        return over

    def _fall(self, policy: PolicyRef, watch: _Watch, key: RuleKey, now: int) -> Fall | None:
        bounds, shares = self._bounds, watch.shares
        if key in watch.fallen or shares.triggered(key) < bounds.triggered:
            return None
        if now < self._trusted.get((policy.id, key.engine, key.rule), 0):
            return None
        usual, own = watch.usual(key)
        share = shares.lately(key)
        if share <= max(bounds.floor, 0.0 if own else bounds.new_rule_share, bounds.factor * usual):
            return None
        return Fall(policy, key, now, share, usual)

    def _begun(self, policy: PolicyRef, now: int) -> _Watch:
        """Begin to watch a policy version; versions that have not judged for long are forgotten."""
        oldest = now - self._bounds.spans.baseline_ms
        self._watches = {ref: watch for ref, watch in self._watches.items() if watch.at >= oldest}
        before = max(
            (watch for ref, watch in self._watches.items() if ref.id == policy.id),
            key=lambda watch: watch.at,
            default=None,
        )
        inherited = before.shares_known() if before is not None else {}
        watch = self._watches[policy] = _Watch(self._bounds.spans, inherited)
        return watch
