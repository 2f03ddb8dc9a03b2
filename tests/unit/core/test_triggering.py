from msgspec import structs

from streams.core.action import ACTIONS, Action
from streams.core.decision import Decision, Triggered
from streams.core.judge import judged
from streams.core.policy import PolicyRef
from streams.core.restriction import ENGINE as STANDING
from streams.core.rule import Mode
from streams.core.trigger_share import RuleKey
from streams.core.triggering import tallied
from tests.unit.core.given import NOON, REF, facts, policy

OTHER = PolicyRef("shop", "0123456789ab")


def line(rule: str, action: Action = "block", mode: Mode = "enforce", instead_of: Action | None = None) -> Triggered:
    return Triggered(rule, mode, "words", "abuse", action, instead_of=instead_of)


def decision(*lines: Triggered, ref: PolicyRef = REF) -> Decision:
    return structs.replace(
        judged(policy(), facts(), [], (), NOON),
        triggered=tuple(each for each in lines if each.mode == "enforce"),
        shadow=tuple(each for each in lines if each.mode == "shadow"),
        policy=ref,
    )


def test_a_content_counts_once_for_a_rule_however_often_it_triggered() -> None:
    tally = tallied([decision(line("one"), line("one"), line("two")), decision(), decision(line("one"))])[REF]
    assert tally.judged == 3
    assert tally.triggered == {RuleKey("words", "one", "enforce"): 2, RuleKey("words", "two", "enforce"): 1}


def test_rules_that_lead_to_no_more_than_flag_are_left_out() -> None:
    for action in ACTIONS:
        tally = tallied([decision(line("one", action))])[REF]
        assert bool(tally.triggered) == (action not in {"allow", "flag"})


def test_a_fallen_rule_counts_as_what_it_led_to() -> None:
    tally = tallied([decision(line("one", "flag", instead_of="block"))])[REF]
    assert tally.triggered == {RuleKey("words", "one", "enforce"): 1}


def test_a_rule_in_shadow_mode_is_counted_as_such() -> None:
    tally = tallied([decision(line("one", mode="shadow"))])[REF]
    assert tally.triggered == {RuleKey("words", "one", "shadow"): 1}


def test_each_policy_version_has_counts_of_its_own() -> None:
    tallies = tallied([decision(line("one")), decision(ref=OTHER), decision(), decision(line("one"), ref=OTHER)])
    assert {ref: (tally.judged, len(tally.triggered)) for ref, tally in tallies.items()} == {REF: (2, 1), OTHER: (2, 1)}


def test_restrictions_of_users_are_no_rules_of_the_policy() -> None:
    muted = Triggered("muted", "enforce", STANDING, "standing", "block")
    assert tallied([decision(muted)])[REF].triggered == {}
