"""Watching: what a worker decides in, rules that run away held at `flag`; alerts where one falls or acts again.

Each worker watches what it judges by itself: a rule falls in it after the least number of contents of its own.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from streams.core.composing import unsaid
from streams.core.curbed import curbed
from streams.core.decision import Decision, ReportSummary
from streams.core.panel import Panel, Panels
from streams.core.policy import Policy, PolicyRef
from streams.core.published import RuleReleased
from streams.core.runaway import Fall, Runaway
from streams.core.triggering import tallied
from streams.core.worker_status import Tripped
from streams.metrics import Metrics

log: Final = logging.getLogger(__name__)


class Unwatched:
    """Watches nothing: policies are what they are."""

    def panels(self, panels: Panels, now: int) -> Panels:
        """Return the same policies."""
        del now
        return panels

    def policy(self, policy: Policy, now: int) -> Policy:
        """Return the same policy."""
        del now
        return policy

    def note(self, decisions: Sequence[Decision], now: int) -> None:
        """Do nothing."""


class Watching(Unwatched):
    """The breakers of one worker's rules; `now` in milliseconds since 1970."""

    def __init__(self, runaway: Runaway, metrics: Metrics, changed: Callable[[], None] = lambda: None) -> None:
        """Take whom to call when a rule falls or acts again."""
        self._runaway = runaway
        self._metrics = metrics
        self._on_change = changed
        self._fallen: dict[PolicyRef, set[tuple[str, str]]] = {}  # engine and rule
        self._policies: dict[PolicyRef, Policy] = {}
        self._panels: tuple[Panels, Panels] | None = None

    def panels(self, panels: Panels, now: int) -> Panels:
        """Return the policies as they are to judge a batch: the same ones while no rule has fallen."""
        self._rise(now)
        if not self._fallen:
            return panels
        if self._panels is None or self._panels[0] is not panels:
            every = [Panel(self._curbed(panel.policy), panel.engines) for panel in panels.every]
            self._panels = panels, Panels(every)
        return self._panels[1]

    def policy(self, policy: Policy, now: int) -> Policy:
        """Return a policy as it is to judge: the same one while none of its rules has fallen."""
        self._rise(now)
        return self._curbed(policy)

    def note(self, decisions: Sequence[Decision], now: int) -> None:
        """Count what was decided of a batch; rules that ran away are held from the next one on."""
        reports: tuple[ReportSummary, ...] | None = None
        rules: tuple[str, ...] = ()
        for decision in decisions:
            if decision.reports is not reports:  # most decisions of a batch share the object
                reports, rules = decision.reports, tuple(unsaid(decision))
            for rule in rules:
                self._metrics.rule_errors.labels(decision.policy.id, rule).inc()
        for policy, tally in tallied(decisions).items():
            for fall in self._runaway.noted(policy, tally, now):
                self._tell(fall)

    def release(self, released: RuleReleased) -> None:
        """Let a rule act again, at a person's word."""
        falls = self._runaway.released(released.policy_id, released.engine, released.rule, released.at)
        self._up(falls, f"released by {released.by}")

    def tripped(self, now: int) -> tuple[Tripped, ...]:
        """Return the rules that are held, as the worker's status says it."""
        self._rise(now)
        return tuple(
            Tripped(fall.policy.id, fall.key.engine, fall.key.rule, fall.since, fall.share, fall.baseline)
            for fall in self._runaway.fallen
            if fall.key.mode == "enforce"
        )

    def _rise(self, now: int) -> None:
        self._up(self._runaway.risen(now), "its time is over")

    def _curbed(self, policy: Policy) -> Policy:
        fallen = self._fallen.get(policy.ref)
        if fallen is None:
            return policy
        if policy.ref not in self._policies:
            self._policies[policy.ref] = curbed(policy, fallen)
        return self._policies[policy.ref]

    def _tell(self, fall: Fall) -> None:
        policy, key = fall.policy, fall.key
        then = "it does no more than flag" if key.mode == "enforce" else "it is in shadow mode: do not enforce it"
        share, usual = f"{fall.share:.1%}", f"{fall.baseline:.1%}"
        level = logging.ERROR if key.mode == "enforce" else logging.WARNING
        line = "rule %s of engine %s, policy %s %s, triggered on %s of the last contents, usually on %s: %s"
        log.log(level, line, key.rule, key.engine, policy.id, policy.version, share, usual, then)
        self._metrics.rule_trips.labels(policy.id, key.mode).inc()
        if key.mode == "enforce":
            self._metrics.rule_tripped.labels(policy.id, key.engine, key.rule).set(1)
            self._changed()

    def _up(self, falls: Iterable[Fall], why: str) -> None:
        for fall in falls:
            policy, key = fall.policy, fall.key
            line = "rule %s of engine %s, policy %s %s, acts again: %s"
            log.warning(line, key.rule, key.engine, policy.id, policy.version, why)
            if key.mode == "enforce":
                self._changed()
                if not any(rule == key and ref.id == policy.id for ref, rule, *_ in self._runaway.fallen):
                    self._metrics.rule_tripped.labels(policy.id, key.engine, key.rule).set(0)

    def _changed(self) -> None:
        self._fallen, self._policies, self._panels = {}, {}, None
        for fall in self._runaway.fallen:
            if fall.key.mode == "enforce":
                self._fallen.setdefault(fall.policy, set()).add((fall.key.engine, fall.key.rule))
        self._on_change()
