"""Composite rules: what they add to a judgement, what they read, and what happens where they cannot be said."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from pydantic import ValidationError

from streams.core.action import ACTIONS, MASKING, STRENGTH, Action
from streams.core.composing import unsaid
from streams.core.composite import CompositeConfig, Composites
from streams.core.condition import Conditions, Early, compiled
from streams.core.exemption import Exempt
from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.judge import judged
from streams.core.judgement import NOTHING, judgement_on
from streams.core.label import LABELS
from streams.core.policy import Policy
from streams.core.restriction import Restriction, Standing, Strike
from streams.core.rule import FailureMode, Mode, Rule
from tests.unit.core.given import NOON, facts, found, policy

ABUSE = Rule("words", "one", "abuse", "flag", "medium")
QUIET = [("words", NOTHING_FOUND)]
SAID = [("words", found("abuse", "one"))]
# Divides by nothing where the text is empty: there it cannot be said.
DIVIDES = "100 / content.length > 5"


def rule(when: str, action: Action = "block", *, name: str = "both", **more: Any) -> CompositeConfig:
    return CompositeConfig(name=name, when=when, action=action, **more)


def composed(rules: Sequence[CompositeConfig], *engine_rules: Rule, failure: FailureMode = "closed") -> Policy:
    """Return a policy with composite rules, and those of its engines."""
    made = policy([*engine_rules, *(each.rule() for each in rules)], failure={"rules": failure})
    conditions = Conditions([compiled(each.when, LABELS) for each in rules])
    return structs.replace(made, composites=Composites(tuple(each.name for each in rules), conditions))


def test_a_rule_whose_condition_holds_is_a_line_of_its_own() -> None:
    given_policy = composed([rule("severity >= medium && user.trusted == false", why="strangers")], ABUSE)
    judgement = judgement_on(given_policy, facts(inputs=Early()), SAID)
    line, below = judgement.triggered
    assert (line.engine, line.rule, line.label, line.action, line.why) == (
        "rules",
        "both",
        "abuse",
        "block",
        "strangers",
    )
    assert (below.rule, judgement.action, judgement.labels) == ("one", "block", ("abuse",))
    assert judgement.reason == "rules rule both found abuse and 1 more: strangers"


def test_a_rule_may_hold_where_no_engine_found_anything() -> None:
    given_policy = composed([rule("text.contains('money')", "flag", severity="low", escalate=True)])
    judgement = judgement_on(given_policy, facts(inputs=Early(text="money")), QUIET)
    assert (judgement.action, judgement.labels, judgement.severity, judgement.escalate) == (
        "flag",
        ("both",),
        "low",
        True,
    )
    assert judgement_on(given_policy, facts(inputs=Early(text="nothing")), QUIET) is NOTHING


def test_a_label_of_its_own_comes_first() -> None:
    given_policy = composed([rule("'abuse' in labels", label="harassment")], ABUSE)
    assert judgement_on(given_policy, facts(inputs=Early()), SAID).labels == ("harassment", "abuse")


def test_what_is_known_early_travels_to_the_judge() -> None:
    given_policy = composed([rule("severity >= medium && content.length > 3 && user.role == 'guest'")], ABUSE)
    assert given_policy.composites is not None
    early = given_policy.composites.conditions.early_of(Early(content_length=4, user_role="guest"))
    assert judgement_on(given_policy, facts(early=early), SAID).action == "block"
    other = given_policy.composites.conditions.early_of(Early(content_length=3, user_role="guest"))
    assert judgement_on(given_policy, facts(early=other), SAID).action == "flag"


def test_strikes_and_restrictions_are_those_of_the_moment() -> None:
    given_policy = composed([rule("user.strikes >= 2 && !user.restricted")])
    strikes = (Strike("m0", "scam", NOON - 9, weight=2),)
    known = Standing("u", NOON, strikes)
    assert judgement_on(given_policy, facts(inputs=Early(), standing=known), QUIET).labels == ("both",)
    expired = Standing("u", NOON, (structs.replace(strikes[0], until=NOON),))
    assert judgement_on(given_policy, facts(inputs=Early(), standing=expired), QUIET).action == "allow"
    muted = structs.replace(known, restrictions=(Restriction("mute", NOON - 1, "ladder"),))
    assert judgement_on(given_policy, facts(inputs=Early(), standing=muted), QUIET).labels == ("muted",)


def test_scores_are_read_though_nothing_is_found() -> None:
    given_policy = composed([rule("has(scores.scam) && scores.scam > 0.6")])
    assert (
        judgement_on(given_policy, facts(inputs=Early()), [("words", Answer(scores={"scam": 0.7}))]).action == "block"
    )
    assert judgement_on(given_policy, facts(inputs=Early()), [("words", Answer(scores={"scam": 0.6}))]) is NOTHING


def test_conditions_see_neither_what_rules_in_shadow_found_nor_one_another() -> None:
    tried = structs.replace(ABUSE, mode="shadow")
    assert judgement_on(composed([rule("'abuse' in labels")], tried), facts(inputs=Early()), SAID).triggered == ()
    rules = [rule("true", "flag", name="first", label="scam"), rule("'scam' in labels", name="second")]
    assert judgement_on(composed(rules), facts(inputs=Early()), QUIET).action == "flag"


def test_an_exemption_lifts_a_composite_rule_too() -> None:
    spared = structs.replace(composed([rule("true", label="scam")]), exempt=(Exempt(role="staff"),))
    judgement = judgement_on(spared, facts(inputs=Early(), role="staff"), QUIET)
    assert (judgement.action, judgement.labels) == ("allow", ("scam",))


@pytest.mark.parametrize(
    ("failure", "action", "reason"),
    [
        ("closed", "flag", "rules did not answer (both cannot be said): held for review"),
        ("open", "allow", "rules did not answer (both cannot be said): the policy lets it pass"),
    ],
)
def test_a_rule_that_cannot_be_said_is_a_missing_answer(failure: FailureMode, action: Action, reason: str) -> None:
    decision = judged(composed([rule(DIVIDES)], failure=failure), facts(inputs=Early()), QUIET, (), NOON)
    assert (decision.action, decision.partial, decision.reason) == (action, True, reason)
    (report,) = decision.reports
    assert (report.engine, report.status, report.reason) == ("rules", "error", "cannot_be_said")
    assert tuple(unsaid(decision)) == ("both",)


@pytest.mark.parametrize("more", [{"mode": "shadow"}, {"action": "allow"}])
def test_a_rule_that_could_hold_nothing_back_is_counted_and_no_more(more: Any) -> None:
    given_policy = composed([CompositeConfig(name="both", when=DIVIDES, **more)])
    decision = judged(given_policy, facts(inputs=Early()), QUIET, (), NOON)
    assert (decision.action, decision.partial, decision.reason) == ("allow", False, "nothing found")
    assert tuple(unsaid(decision)) == ("both",)
    assert decision.reports[0].status == "not_evaluated"


def test_a_case_without_its_early_parts_cannot_be_said() -> None:
    given_policy = composed([rule("content.length > 3 && 'abuse' in labels")], ABUSE)
    judgement = judgement_on(given_policy, facts(), SAID)
    assert (judgement.action, judgement.partial, judgement.unsaid) == ("flag", True, ("both",))


def test_a_decision_in_which_every_rule_was_said_names_no_rules_engine() -> None:
    decision = judged(composed([rule("true", "flag")]), facts(inputs=Early()), QUIET, (), NOON)
    assert (decision.reports, tuple(unsaid(decision))) == ((), ())


CONDITIONS = [
    "true",
    "false",
    "'abuse' in labels",
    "severity >= high",
    DIVIDES,
    "user.strikes > 0",
    "content.length > 2",
]
COMPOSITES = st.lists(
    st.builds(
        lambda when, action, mode, escalate: CompositeConfig(
            name="x", when=when, action=action, mode=mode, escalate=escalate
        ),
        st.sampled_from(CONDITIONS),
        st.sampled_from([action for action in ACTIONS if action not in MASKING]),
        st.sampled_from(["enforce", "shadow"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
).map(lambda rules: [named(each, number) for number, each in enumerate(rules)])


def named(config: CompositeConfig, number: int) -> CompositeConfig:
    return config.model_copy(update={"name": f"rule{number}"})


@settings(max_examples=80)
@given(COMPOSITES, st.sampled_from([QUIET, SAID]), st.integers(0, 4), st.sampled_from(["closed", "open"]))
def test_one_more_composite_rule_never_lowers(
    rules: list[CompositeConfig], answers: Any, length: int, failure: FailureMode
) -> None:
    known = facts(inputs=Early(content_length=length))
    more = judgement_on(composed(rules, ABUSE, failure=failure), known, answers)
    fewer = judgement_on(composed(rules[:-1], ABUSE, failure=failure), known, answers)
    assert STRENGTH[more.action] >= STRENGTH[fewer.action]
    assert more.escalate >= fewer.escalate
    assert set(fewer.labels) <= set(more.labels)


@settings(max_examples=80)
@given(COMPOSITES, st.sampled_from([QUIET, SAID]), st.integers(0, 4))
def test_composite_rules_in_shadow_change_nothing_but_what_is_listed(
    rules: list[CompositeConfig], answers: Any, length: int
) -> None:
    known = facts(inputs=Early(content_length=length))
    enforcing = [each for each in rules if each.mode == "enforce"]
    with_shadow = judgement_on(composed(rules, ABUSE), known, answers)
    without = judgement_on(composed(enforcing, ABUSE), known, answers)
    assert structs.replace(with_shadow, shadow=(), unsaid=()) == structs.replace(without, shadow=(), unsaid=())
    assert all(line.mode == "shadow" for line in with_shadow.shadow)


@settings(max_examples=80)
@given(COMPOSITES, st.sampled_from([QUIET, SAID]), st.integers(0, 4))
def test_a_case_is_judged_as_a_text_is(rules: list[CompositeConfig], answers: Any, length: int) -> None:
    given_policy, inputs = composed(rules, ABUSE), Early(content_length=length)
    assert given_policy.composites is not None
    early = given_policy.composites.conditions.early_of(inputs)
    assert judgement_on(given_policy, facts(early=early), answers) == judgement_on(
        given_policy, facts(inputs=inputs), answers
    )


@pytest.mark.parametrize("action", ["mask", "mask_flag"])
def test_a_condition_finds_no_place_to_mask(action: str) -> None:
    with pytest.raises(ValidationError, match="finds no place"):
        CompositeConfig.model_validate({"name": "both", "when": "true", "action": action})


@pytest.mark.parametrize("mode", ["enforce", "shadow"])
def test_a_rule_is_compiled_as_it_is_written(mode: Mode) -> None:
    config = CompositeConfig(
        name="both", when="true", action="block", label="scam", severity="high", mode=mode, escalate=True, why="x"
    )
    assert config.rule() == Rule("rules", "both", "scam", "block", "high", mode, escalate=True, why="x")
