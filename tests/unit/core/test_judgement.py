"""What a policy makes of answers beyond its rules: exemptions, restrictions of the author, a policy in shadow mode."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from streams.core.action import ACTIONS, STRENGTH, Action
from streams.core.exemption import Exempt
from streams.core.finding import NOTHING_FOUND, Answer, Finding
from streams.core.judgement import NOTHING, judgement_on
from streams.core.policy import Policy
from streams.core.restriction import Restriction, Standing
from streams.core.rule import Mode, Rule
from tests.unit.core.given import NOON, facts, found, policy

LABELS = ("abuse", "scam", "child_safety")
QUIET = [("words", NOTHING_FOUND)]


def rule(label: str, action: Action, *, mode: Mode = "enforce", escalate: bool = False) -> Rule:
    """Return a rule named for its label."""
    return Rule("words", label, label, action, mode=mode, escalate=escalate)


def said(*labels: str) -> list[tuple[str, Answer]]:
    return [("words", Answer(findings=tuple(Finding(label, label) for label in labels)))]


def exempting(given_policy: Policy, *exempt: Exempt) -> Policy:
    return structs.replace(given_policy, exempt=exempt)


def restricted(kind: Any, until: int | None = None, why: str | None = None) -> Standing:
    return Standing("u", NOON, restrictions=(Restriction(kind, NOON - 1000, "ladder", until, why),))


def test_an_exemption_lifts_what_it_names_and_the_rest_is_enforced() -> None:
    rules = [rule("abuse", "block"), rule("child_safety", "flag", escalate=True)]
    spared = exempting(policy(rules), Exempt(role="staff", except_labels=frozenset({"child_safety"})))
    judgement = judgement_on(spared, facts(role="staff"), said("abuse", "child_safety"))
    assert (judgement.action, judgement.escalate) == ("flag", True)
    assert [line.rule for line in judgement.triggered] == ["abuse", "child_safety"]
    assert judgement.labels == ("abuse", "child_safety")
    assert judgement.grounds == ("child_safety",)
    assert judgement.reason == "exempt: role staff; words rule child_safety found child_safety"


def test_several_exemptions_lift_together() -> None:
    rules = [rule("abuse", "block"), rule("scam", "bounce")]
    both = exempting(
        policy(rules),
        Exempt(role="staff", labels=frozenset({"abuse"})),
        Exempt(trusted=True, labels=frozenset({"scam"})),
    )
    assert judgement_on(both, facts(role="staff", trusted=True), said("abuse", "scam")).action == "allow"
    assert judgement_on(both, facts(role="staff"), said("abuse", "scam")).action == "bounce"


def test_an_exemption_that_changes_nothing_is_not_the_reason() -> None:
    spared = exempting(policy([rule("abuse", "block")]), Exempt(role="staff", labels=frozenset({"scam"})))
    judgement = judgement_on(spared, facts(role="staff"), said("abuse"))
    assert (judgement.action, judgement.reason) == ("block", "words rule abuse found abuse")


@pytest.mark.parametrize(
    ("exempt", "action"),
    [(Exempt(role="staff"), "allow"), (Exempt(role="staff", except_labels=frozenset({"scam"})), "flag")],
)
def test_a_missing_answer_is_lifted_where_everything_is(exempt: Exempt, action: Action) -> None:
    judgement = judgement_on(exempting(policy(), exempt), facts(role="staff"), [("words", Answer("timeout"))])
    assert (judgement.action, judgement.partial) == (action, True)


@pytest.mark.parametrize(
    ("kind", "name", "action"), [("mute", "muted", "block"), ("restrict", "restricted", "shadow_block")]
)
def test_what_a_restricted_user_sends_is_held_back_though_nothing_is_found(kind: str, name: str, action: str) -> None:
    judgement = judgement_on(policy(), facts(standing=restricted(kind, why="spam again and again")), QUIET)
    (line,) = judgement.triggered
    assert (line.engine, line.rule, line.label, line.action, judgement.action) == (
        "standing",
        name,
        name,
        action,
        action,
    )
    assert judgement.reason == f"standing rule {name} found {name}: spam again and again"


def test_a_restriction_ends() -> None:
    assert judgement_on(policy(), facts(standing=restricted("mute", NOON)), QUIET) == NOTHING
    assert judgement_on(policy(), facts(standing=restricted("mute", NOON + 1)), QUIET).action == "block"


def test_an_exemption_lifts_no_restriction() -> None:
    spared = exempting(policy([rule("abuse", "block")]), Exempt(role="staff"))
    judgement = judgement_on(spared, facts(role="staff", standing=restricted("restrict")), said("abuse"))
    assert (judgement.action, judgement.grounds) == ("shadow_block", ("restricted",))


def test_a_policy_in_shadow_mode_says_what_it_would_do_and_does_nothing() -> None:
    rules = [rule("abuse", "block", escalate=True), rule("scam", "flag", mode="shadow")]
    tried = structs.replace(policy(rules), mode="shadow")
    answers = [*said("abuse", "scam"), ("qr", Answer("timeout"))]
    judgement = judgement_on(tried, facts(standing=restricted("mute")), answers)
    assert [(line.rule, line.mode, line.action) for line in judgement.shadow] == [
        ("abuse", "shadow", "block"),
        ("muted", "shadow", "block"),
        ("scam", "shadow", "flag"),
    ]
    assert judgement.partial
    assert judgement.reason.startswith("the policy is in shadow mode: words rule abuse found abuse and 1 more")
    bare = structs.replace(judgement, shadow=(), partial=False, reason="nothing found")
    assert bare == NOTHING


RULE = st.builds(
    rule,
    st.sampled_from(LABELS),
    st.sampled_from(ACTIONS),
    mode=st.sampled_from(["enforce", "shadow"]),
    escalate=st.booleans(),
)
RULES = st.lists(RULE, max_size=3, unique_by=lambda each: each.name)
SAID = st.lists(st.sampled_from(LABELS), max_size=4).map(lambda labels: said(*labels))
FAILED = st.sampled_from([[], [("qr", Answer("error"))]])
STANDINGS = st.sampled_from([None, restricted("mute"), restricted("restrict"), restricted("mute", NOON)])


@settings(max_examples=80)
@given(RULES, SAID, FAILED, STANDINGS, RULE)
def test_one_more_rule_never_lowers_what_a_judgement_comes_to(
    rules: list[Rule], answers: Any, failed: Any, standing: Standing | None, one: Rule
) -> None:
    fewer = [each for each in rules if each.name != one.name]
    more = [*fewer, one]
    before = judgement_on(policy(fewer), facts(standing=standing), [*answers, *failed])
    after = judgement_on(policy(more), facts(standing=standing), [*answers, *failed])
    assert STRENGTH[after.action] >= STRENGTH[before.action]
    assert after.escalate >= before.escalate


@settings(max_examples=80)
@given(RULES, SAID, FAILED, STANDINGS, st.frozensets(st.sampled_from(LABELS)))
def test_an_exemption_lowers_and_hides_nothing(
    rules: list[Rule], answers: Any, failed: Any, standing: Standing | None, kept: frozenset[str]
) -> None:
    spared = exempting(policy(rules), Exempt(role="staff", except_labels=kept))
    strict = judgement_on(spared, facts(standing=standing), [*answers, *failed])
    mild = judgement_on(spared, facts(standing=standing, role="staff"), [*answers, *failed])
    assert STRENGTH[mild.action] <= STRENGTH[strict.action]
    for field in ("triggered", "shadow", "labels", "severity", "confidence", "partial"):
        assert getattr(mild, field) == getattr(strict, field)
    lines = [line for line in mild.triggered if line.engine == "standing" or line.label in kept]
    least = max((STRENGTH[line.action] for line in lines), default=0)
    assert STRENGTH[mild.action] >= least


@settings(max_examples=80)
@given(RULES, SAID, FAILED, STANDINGS)
def test_a_policy_in_shadow_mode_changes_nothing_but_what_it_lists(
    rules: list[Rule], answers: Any, failed: Any, standing: Standing | None
) -> None:
    tried = structs.replace(policy(rules), mode="shadow")
    judgement = judgement_on(tried, facts(standing=standing), [*answers, *failed])
    enforced = judgement_on(policy(rules), facts(standing=standing), [*answers, *failed])
    assert (judgement.action, judgement.escalate, judgement.triggered, judgement.labels) == ("allow", False, (), ())
    assert (judgement.severity, judgement.confidence, judgement.grounds) == (None, None, ())
    assert judgement.partial == enforced.partial
    assert len(judgement.shadow) == len(enforced.triggered) + len(enforced.shadow)
    assert all(line.mode == "shadow" for line in judgement.shadow)


def test_the_grounds_are_the_labels_of_what_leads_to_the_action() -> None:
    rules = [rule("abuse", "bounce"), rule("scam", "flag")]
    judgement = judgement_on(policy(rules), facts(), said("scam", "abuse"))
    assert (judgement.labels, judgement.grounds) == (("abuse", "scam"), ("abuse",))


def test_a_finding_of_a_rule_whose_breaker_fell_names_what_it_led_to() -> None:
    fallen = Rule("words", "abuse", "abuse", "flag", instead_of="block")
    (line,) = judgement_on(policy([fallen]), facts(), [("words", found("abuse", "abuse"))]).triggered
    assert (line.action, line.instead_of) == ("flag", "block")
