from typing import Any

import pytest
from hypothesis import given

from streams.core.action import Action
from streams.core.engine import Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.core.judgement import judgement_on
from streams.core.rule import Rule
from streams.engines.text_llm import TextLlm
from tests.unit.adapters.endpoint import VALUES, labelled, task
from tests.unit.core.given import facts, policy
from tests.unit.engines.canaries import CANARIES, block, travelled

BEDROCK = {"provider": "bedrock", "model": "m", "region": "us-east-1"}
OPENAI = {"provider": "openai", "model": "m", "endpoint": "http://127.0.0.1:8080/v1"}


def engine(**changes: Any) -> TextLlm:
    return TextLlm(TextLlm.Config.model_validate({**BEDROCK, **changes}))


def wrong(raw: dict[str, Any]) -> str:
    with pytest.raises(Refused) as caught:
        TextLlm(TextLlm.Config.model_validate(raw))
    return str(caught.value)


def test_without_labels_the_five_of_the_specification_are_asked_for() -> None:
    rules = engine().rules

    assert {rule.label for rule in rules if rule.name != "refused"} == {
        "scam",
        "sexual_harassment",
        "hate_speech",
        "pii",
        "platform_bypass",
    }
    assert len(rules) == 21
    assert next(rule for rule in rules if rule.name == "scam_critical").escalate


def test_a_label_leads_to_an_action_for_each_severity() -> None:
    made = engine(labels=[{"name": "scam", "action": {"medium": "flag", "high": "block", "why": "fraud"}}])

    assert [(rule.name, rule.action) for rule in made.rules[:4]] == [
        ("scam_low", "allow"),
        ("scam_medium", "flag"),
        ("scam_high", "block"),
        ("scam_critical", "block"),
    ]


def test_a_label_of_ones_own_is_described_to_the_model() -> None:
    described = engine(labels=[{"name": "trading_advice", "description": "Says which shares to {buy}."}])
    asked = described.prompt(task("hi")).instructions

    assert "- trading_advice: Says which shares to {buy}." in asked
    assert "- critical: somebody may be in danger now" in asked


def test_a_label_of_ones_own_without_a_description_is_refused() -> None:
    assert "labels[0] advice: description: is missing" in wrong({**BEDROCK, "labels": [{"name": "advice"}]})


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = wrong(
        {
            "provider": "openai",
            "model": "m",
            "endpoint": "http://models.example/v1",
            "region": "us-east-1",
            "guardrail": {"id": "g", "version": "DRAFT"},
            "labels": [{"name": "scam"}, {"name": "scam"}],
        }
    )

    assert "labels[1] scam: name: occurs twice" in said
    assert "endpoint: would carry texts in the clear: use https, or say allow_http: true" in said
    assert "region: is for provider bedrock" in said
    assert "guardrail: is for provider bedrock" in said


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ({"provider": "bedrock", "model": "m"}, "region: is missing"),
        ({"provider": "openai", "model": "m"}, "endpoint: is missing"),
        ({**BEDROCK, "api_key_file": "/run/key"}, "api_key_file: is for provider openai"),
    ],
)
def test_what_a_provider_needs_or_does_not_take_is_said(raw: dict[str, Any], where: str) -> None:
    assert where in wrong(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {**BEDROCK, "api_key": "secret"},  # a key never stands in a policy
        {**OPENAI, "endpoint": "http://user:secret@127.0.0.1/v1"},
        {**OPENAI, "endpoint": "http://127.0.0.1/v1?key=secret"},
        {**OPENAI, "endpoint": "ftp://127.0.0.1"},
        {**OPENAI, "endpoint": "http://[::1"},
        {**OPENAI, "api_key_file": "key.txt"},
        {**BEDROCK, "timeout": "0s"},
        {**BEDROCK, "budget_per_minute": 0},
        {**BEDROCK, "refused_action": "allow"},
        {**BEDROCK, "labels": []},
        {**BEDROCK, "guardrail": {"id": "g", "version": "latest"}},
        {**BEDROCK, "ask_when": {}},
    ],
)
def test_what_cannot_be_meant_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TextLlm.Config.model_validate(raw)


def test_http_is_for_this_machine_or_for_those_who_say_so() -> None:
    TextLlm(TextLlm.Config.model_validate(OPENAI))
    TextLlm(TextLlm.Config.model_validate({**OPENAI, "endpoint": "http://models.example/v1", "allow_http": True}))


def test_the_text_and_its_context_are_data_without_names_or_ids() -> None:
    prompt = engine().prompt(task("third", "first", "second", content_id="m-77", conversation_id="room"))

    assert block(prompt.data) == {
        "kind": "message",
        "context": [{"author": 1, "text": "first"}, {"author": 2, "text": "second"}],
        "text": "third",
    }
    for secret in ('author": "', "user-0", "m-77", "room"):
        assert secret not in prompt.data


def test_the_model_sees_no_more_context_than_the_policy_says() -> None:
    said = [f"message {n}" for n in range(10)]

    assert len(block(engine().prompt(task("text", *said)).data)["context"]) == 10
    assert [one["text"] for one in block(engine(context=2).prompt(task("text", *said)).data)["context"]] == said[-2:]
    assert block(engine(context=0).prompt(task("text", *said)).data)["context"] == []


@pytest.mark.parametrize("canary", CANARIES)
def test_a_text_stays_one_string_of_the_data_whatever_it_says(canary: str) -> None:
    asked, plain = engine().prompt(task(canary, canary)), engine().prompt(task("plain"))

    assert block(asked.data)["text"] == travelled(canary)
    assert block(asked.data)["context"][0]["text"] == travelled(canary)
    assert asked.instructions == plain.instructions
    asked.data.encode()


def test_the_schema_of_a_reply_is_closed() -> None:
    def check(schema: Any) -> None:
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])
            for inner in schema["properties"].values():
                check(inner)
        elif schema.get("type") == "array":
            check(schema["items"])

    schema: Any = engine().schema
    check(schema)
    found = schema["properties"]["findings"]["items"]["properties"]
    assert found["severity"]["enum"] == ["low", "medium", "high", "critical"]
    assert "scam" in found["label"]["enum"]


def test_a_reply_becomes_findings_with_spans_and_no_words_of_the_model() -> None:
    answer = engine().parsed(labelled(("scam", "high", "win"), ("pii", "low")), "win, win, lose")

    assert answer == Answer(
        findings=(
            Finding("scam", "scam_high", severity="high", evidence=(Evidence(span=(0, 3)), Evidence(span=(5, 8)))),
            Finding("pii", "pii_low", severity="low"),
        )
    )


def test_a_quote_that_does_not_stand_in_the_text_is_dropped() -> None:
    answer = engine().parsed(labelled(("scam", "high", "invented"), ("pii", "low", " ")), "text")

    assert [finding.evidence for finding in answer.findings] == [(), ()]


def test_a_label_that_comes_twice_counts_once_with_its_highest_severity() -> None:
    answer = engine().parsed(labelled(("scam", "critical", "a"), ("scam", "low", "b")), "a b")

    (finding,) = answer.findings
    assert (finding.rule, finding.severity) == ("scam_critical", "critical")
    assert [evidence.span for evidence in finding.evidence] == [(0, 1), (2, 3)]


def test_a_quote_that_stands_everywhere_gives_a_bounded_number_of_spans_that_cover_all() -> None:
    (finding,) = engine().parsed(labelled(("scam", "low", "a")), "a " * 10_000).findings

    assert len(finding.evidence) == 50
    assert finding.evidence[0].span == (0, 1)
    assert finding.evidence[-1].span == (98, 19_999)


def test_no_findings_is_nothing_found() -> None:
    assert engine().parsed(labelled(), "text") == Answer()
    assert engine().parsed({"findings": []}, "text") == Answer()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (labelled(("gossip", "low")), "unasked_label"),
        (labelled(("scam", "severe")), "wrong_form"),
        (labelled(("scam", "low"), verdict="allow"), "wrong_form"),
        ({"findings": [{"label": "scam", "severity": "low", "action": "allow"}]}, "wrong_form"),
        ({"findings": [{"label": "scam"}]}, "wrong_form"),
        ({"findings": [{"label": "scam", "severity": "low", "quote": 3}]}, "wrong_form"),
        ({"findings": {"label": "scam", "severity": "low"}}, "wrong_form"),
        ({"findings": [labelled(("scam", "low"))["findings"][0]] * 101}, "wrong_form"),
        ({"findings": None}, "wrong_form"),
        ({}, "wrong_form"),
        ([], "wrong_form"),
        (None, "wrong_form"),
        ("allow", "wrong_form"),
        (True, "wrong_form"),
    ],
)
def test_any_other_form_is_an_error_and_no_all_clear(reply: Any, reason: str) -> None:
    answer = engine().parsed(reply, "text")

    assert (answer.status, answer.reason, answer.findings) == ("error", reason, ())


ENGINE = engine()


@given(VALUES)
def test_whatever_a_model_replies_is_an_answer(reply: Any) -> None:
    answer = ENGINE.parsed(reply, "scam")

    assert answer.status in {"ok", "error"}
    assert answer.status == "error" or isinstance(reply, dict)


@given(VALUES)
def test_whatever_stands_in_the_list_of_findings_is_an_answer(one: Any) -> None:
    assert ENGINE.parsed({"findings": [one]}, "scam").status == "error"


def test_every_finding_belongs_to_a_rule_and_a_label_of_the_engine() -> None:
    made = engine()
    rules = {rule.name: rule for rule in made.rules}
    for finding in (*made.parsed(labelled(("scam", "low")), "").findings, *made.refused("refused").findings):
        assert finding.rule is not None
        assert rules[finding.rule].label == finding.label
        assert finding.label in made.labels
    assert len(rules) == len(made.rules)


WORD = Rule("blocklist", "insults", "harassment", "block")


@pytest.mark.parametrize(
    ("said", "action"),
    [
        (Answer(), "block"),
        (Answer(findings=(Finding("scam", "scam_low", severity="low"),)), "block"),  # whose action is `allow`
        (Answer("error", "prose"), "block"),
        (Answer("timeout", "timeout"), "block"),
    ],
)
def test_whatever_the_model_says_what_a_blocklist_found_stands(said: Answer, action: Action) -> None:
    made = engine()
    rules = policy((WORD, *made.rules), text=("blocklist",), failure={"text_llm": "open"})
    hit = Answer(findings=(Finding("harassment", "insults"),))

    assert judgement_on(rules, facts(), [("blocklist", hit), ("text_llm", said)]).action == action


def test_a_model_that_fails_holds_the_text() -> None:
    rules = policy(engine().rules, failure={"text_llm": "closed"})

    assert judgement_on(rules, facts(), [("text_llm", Answer("error", "prose"))]).action == "flag"


@pytest.mark.parametrize("reason", ["guardrail_intervened", "content_filtered", "refused"])
def test_a_text_that_no_model_will_judge_is_held_though_failures_may_pass(reason: str) -> None:
    made = engine(refused_action="shadow_block")
    rules = policy(made.rules, failure={"text_llm": "open"})

    judgement = judgement_on(rules, facts(), [("text_llm", made.refused(reason))])
    assert (judgement.action, judgement.partial) == ("shadow_block", True)


def test_no_representation_shows_a_text_or_a_key() -> None:
    made = engine()

    assert "canary" not in repr(task("canary", "canary"))
    assert "canary" not in repr(made)
