import logging

import pytest
from msgspec import structs

from streams.agents.watching import Watching
from streams.core.composing import summary
from streams.core.decision import Decision, Triggered
from streams.core.judge import judged
from streams.core.panel import Panel, Panels
from streams.core.policy import Policy, PolicyRef
from streams.core.published import RuleReleased
from streams.core.rule import Mode, Rule
from streams.core.runaway import Bounds, Runaway
from streams.core.trigger_share import Spans
from streams.metrics import Metrics
from tests.unit.core.given import NOON, facts, found, policy

BAD = Rule("words", "bad", "abuse", "block")
BOUNDS = Bounds(Spans(60_000, 200, 3_600_000, 1000), 20, 10.0, 0.05, 0.3, 600_000)


def decisions(judge_by: Policy, count: int, triggered: int, mode: Mode = "enforce") -> list[Decision]:
    quiet = judged(judge_by, facts(), [], (), NOON)
    line = Triggered("bad", mode, "words", "abuse", "block")
    loud = structs.replace(quiet, **{"triggered" if mode == "enforce" else "shadow": (line,)})
    return [loud] * triggered + [quiet] * (count - triggered)


class Worker:
    """A worker that judges by one policy with one rule."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.watching = Watching(Runaway(BOUNDS), self.metrics)
        self.policy = policy([BAD])
        self.panels = Panels([Panel(self.policy, ())])

    def action(self, now: int) -> str:
        """Return what a content that triggers the rule leads to now."""
        panel = self.watching.panels(self.panels, now).of(None, "message", None)
        assert panel is not None
        return judged(panel.policy, facts(), [("words", found("abuse", "bad"))], (), now).action

    def metric(self, name: str, **labels: str) -> float | None:
        """Return the value of a metric, None where nothing was noted."""
        return self.metrics.registry.get_sample_value(f"moderation_{name}", labels)

    def tripped(self) -> float | None:
        """Say 1 while the rule is held."""
        return self.metric("rule_tripped", policy="test", engine="words", rule="bad")


def test_while_nothing_has_fallen_the_policies_are_the_same_objects() -> None:
    worker = Worker()
    worker.watching.note(decisions(worker.policy, 1000, 10), NOON)
    assert worker.watching.panels(worker.panels, NOON) is worker.panels
    assert worker.watching.policy(worker.policy, NOON) is worker.policy


def test_a_rule_that_matches_everything_flags_from_the_next_batch_on(caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker()
    assert worker.action(NOON) == "block"
    with caplog.at_level(logging.ERROR):
        worker.watching.note(decisions(worker.policy, 200, 200), NOON)
    assert worker.action(NOON) == "flag"
    assert "rule bad of engine words, policy test 0123456789ab, triggered on 100.0%" in caplog.text
    (tripped,) = worker.watching.tripped(NOON)
    assert (tripped.policy_id, tripped.engine, tripped.rule, tripped.since) == ("test", "words", "bad", NOON)
    assert worker.tripped() == 1
    assert worker.metric("rule_trips_total", policy="test", mode="enforce") == 1


def test_the_join_judges_by_the_same_held_rules() -> None:
    worker = Worker()
    worker.watching.note(decisions(worker.policy, 200, 200), NOON)
    held = worker.watching.policy(worker.policy, NOON)
    assert held.rules["words", "bad"].action == "flag"
    assert held is worker.watching.policy(worker.policy, NOON)  # compiled once


def test_a_release_by_hand_lets_it_act_again() -> None:
    worker = Worker()
    worker.watching.note(decisions(worker.policy, 200, 200), NOON)
    worker.watching.release(RuleReleased("test", "words", "bad", NOON + 1, "ann"))
    assert worker.action(NOON + 1) == "block"
    assert worker.tripped() == 0
    worker.watching.note(decisions(worker.policy, 2000, 2000), NOON + 2)
    assert worker.action(NOON + 2) == "block"  # a person said that this is right


def test_its_time_passes_without_a_batch() -> None:
    worker = Worker()
    worker.watching.note(decisions(worker.policy, 200, 200), NOON)
    assert worker.watching.tripped(NOON + 599_999) != ()
    assert worker.watching.tripped(NOON + 600_000) == ()
    assert worker.action(NOON + 600_000) == "block"


def test_a_rule_in_shadow_mode_is_told_and_not_changed(caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker()
    with caplog.at_level(logging.WARNING):
        worker.watching.note(decisions(worker.policy, 200, 200, "shadow"), NOON)
    assert "it is in shadow mode" in caplog.text
    assert worker.watching.panels(worker.panels, NOON) is worker.panels
    assert worker.watching.tripped(NOON) == ()
    assert worker.tripped() is None
    assert worker.metric("rule_trips_total", policy="test", mode="shadow") == 1


def test_policies_that_are_taken_later_are_held_too() -> None:
    worker = Worker()
    worker.watching.note(decisions(worker.policy, 200, 200), NOON)
    worker.action(NOON)
    other = structs.replace(policy([], kinds=[]), ref=PolicyRef("shop", "0123456789ab"))
    worker.panels = Panels([Panel(worker.policy, ()), Panel(other, ())])
    assert worker.action(NOON) == "flag"


def test_contents_of_which_a_composite_rule_could_not_be_said_are_counted() -> None:
    worker = Worker()
    quiet = judged(worker.policy, facts(), [], (), NOON)
    said = structs.replace(quiet, reports=(summary(["both", "third"], failed=True),))
    worker.watching.note([quiet, said, said], NOON)
    assert worker.metric("rule_errors_total", policy="test", rule="both") == 2
    assert worker.metric("rule_errors_total", policy="test", rule="third") == 2
