import pytest
from pydantic import ValidationError

from streams.core.graded import Graded, rules


def actions(raw: object) -> list[str]:
    return list(Graded.model_validate(raw).actions.values())


def test_one_action_stands_for_every_severity() -> None:
    assert actions("block") == ["block"] * 4


def test_other_spellings_of_an_action_are_read() -> None:
    assert actions("remove") == ["block"] * 4
    assert actions({"high": "shadow"}) == ["allow", "allow", "shadow_block", "shadow_block"]


def test_a_severity_without_an_action_takes_that_of_the_next_lower_one() -> None:
    assert actions({"low": "flag", "high": "block"}) == ["flag", "flag", "block", "block"]


def test_without_any_action_light_harm_is_allowed_and_the_rest_flagged() -> None:
    assert actions({}) == ["allow", "flag", "flag", "flag"]
    assert actions({"mode": "shadow"}) == ["allow", "flag", "flag", "flag"]


def test_each_severity_is_a_rule_of_its_own_and_critical_escalates() -> None:
    low, medium, high, critical = rules("text_llm", "scam", Graded.model_validate({"high": "block", "why": "fraud"}))

    assert [rule.name for rule in (low, medium, high, critical)] == [
        "scam_low",
        "scam_medium",
        "scam_high",
        "scam_critical",
    ]
    assert [rule.escalate for rule in (low, medium, high, critical)] == [False, False, False, True]
    assert (high.engine, high.label, high.severity, high.action) == ("text_llm", "scam", "high", "block")
    assert (high.mode, high.why, high.threshold) == ("enforce", "fraud", None)


def test_which_severities_escalate_is_the_policys_word() -> None:
    escalating = rules("text_llm", "scam", Graded.model_validate({"escalate": ["high", "critical"]}))
    none = rules("text_llm", "scam", Graded.model_validate({"escalate": []}))

    assert [rule.escalate for rule in escalating] == [False, False, True, True]
    assert not any(rule.escalate for rule in none)


def test_a_threshold_stands_in_every_rule() -> None:
    assert {rule.threshold for rule in rules("semantic", "scam", Graded(), 0.42)} == {0.42}


@pytest.mark.parametrize("raw", ["explode", {"low": "explode"}, {"urgent": "flag"}, {"mode": "off"}, 3, ["flag"]])
def test_what_is_no_grade_is_refused(raw: object) -> None:
    with pytest.raises(ValidationError):
        Graded.model_validate(raw)


def test_an_unknown_action_is_one_error() -> None:
    with pytest.raises(ValidationError) as caught:
        Graded.model_validate("explode")
    assert caught.value.error_count() == 1
