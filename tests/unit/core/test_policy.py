import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.core.duration import duration_ms
from streams.core.label import KINDS
from streams.core.policy import Document
from streams.core.rule import RuleConfig


@pytest.mark.parametrize(
    ("text", "ms"), [("500ms", 500), ("1ms", 1), ("30s", 30_000), ("2m", 120_000), ("10m", 600_000)]
)
def test_durations_are_read_in_milliseconds(text: str, ms: int) -> None:
    assert duration_ms(text) == ms


@given(st.integers(1, 999_999), st.sampled_from([("ms", 1), ("s", 1000), ("m", 60_000)]))
def test_every_duration_that_a_policy_may_hold_is_read(number: int, unit: tuple[str, int]) -> None:
    text = f"{number}{unit[0]}"
    assert duration_ms(Document(id="p", engines={"e": {}}, deadline=text).deadline) == number * unit[1]


@pytest.mark.parametrize("text", ["", "30", "0s", "s", "-1s", "1.5s", "30 s", "1h", "1234567s", "30s\n", "٣s"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Document(id="p", engines={"e": {}}, deadline=text)


def test_an_id_and_one_engine_are_enough() -> None:
    document = Document.model_validate({"id": "p", "engines": {"blocklist": {}}})
    assert document.applies_to.kinds == list(KINDS)
    assert document.failure == {"default": "closed"}
    assert document.failure_action == "flag"
    assert document.exempt == []
    assert duration_ms(document.deadline) == 30_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"engines": {"e": {}}},
        {"id": "p"},
        {"id": "p", "engines": {}},
        {"id": "P", "engines": {"e": {}}},
        {"id": "p", "engines": {"e": {}}, "applies_to": {"kinds": []}},
        {"id": "p", "engines": {"e": {}}, "applies_to": {"kinds": ["song"]}},
        {"id": "p", "engines": {"e": {}}, "exempt": [{"role": ""}]},
        {"id": "p", "engines": {"e": {}}, "failure": {"e": "ajar"}},
        {"id": "p", "engines": {"e": {}}, "failure_action": "explode"},
        {"id": "p", "engines": {"e": {}}, "failure_action": 1},
        {"id": "p", "engines": {"e": {}}, "surprise": 1},
    ],
)
def test_a_document_that_says_something_else_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Document.model_validate(wrong)


@pytest.mark.parametrize("action", ["allow", "keep", "mask"])
def test_a_failed_engine_never_shows_the_content_unseen(action: str) -> None:
    with pytest.raises(ValidationError, match="would show what no engine has seen"):
        Document.model_validate({"id": "p", "engines": {"e": {}}, "failure_action": action})


def test_other_spellings_of_actions_are_read_in_a_policy() -> None:
    assert RuleConfig.model_validate({"name": "r", "label": "spam", "action": "remove"}).action == "block"
    assert Document.model_validate({"id": "p", "engines": {"e": {}}, "failure_action": "shadow"}).failure_action == (
        "shadow_block"
    )


def test_a_rule_keeps_all_that_its_configuration_says() -> None:
    config = RuleConfig(
        name="r", label="spam", action="block", severity="high", mode="shadow", escalate=True, why="because"
    )
    rule = config.rule("blocklist", threshold=0.5)
    assert rule.engine == "blocklist"
    assert rule.threshold == 0.5
    assert (rule.name, rule.label, rule.action, rule.severity) == ("r", "spam", "block", "high")
    assert (rule.mode, rule.escalate, rule.why) == ("shadow", True, "because")


@pytest.mark.parametrize("name", ["", "Loud", "1st", "with space", "with-dash", "a" * 65, "line\n"])
def test_a_rule_needs_a_plain_name(name: str) -> None:
    with pytest.raises(ValidationError):
        RuleConfig(name=name, label="spam")
