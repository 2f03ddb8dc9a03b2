import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.core.engine import Text
from streams.core.finding import Answer
from streams.core.window import EMPTY, Said, Window, added, fingerprint
from streams.engines.solicitation import BY_NAME, Solicitation, SolicitationConfig
from tests.unit.solicitation import lines

ENGINE = Solicitation(SolicitationConfig())


def answer(text: str, before: Window = EMPTY, author: str = "ann") -> Answer:
    return ENGINE.inspect([Text(text, before=before, user_id=author)])[0]


def labels(text: str) -> set[str]:
    return {finding.label for finding in answer(text).findings}


def rules(text: str, before: Window = EMPTY, author: str = "ann") -> set[str | None]:
    return {finding.rule for finding in answer(text, before, author).findings}


def talk(*said: tuple[str, str]) -> Window:
    window = EMPTY
    for number, (author, text) in enumerate(said):
        window = added(window, f"m{number}", Said(author, text, number), fingerprint(f"m{number}"), 20, number)
    return window


@pytest.mark.parametrize(("label", "text"), [*lines.EARLY_POSITIVE, *lines.TUNED_POSITIVE])
def test_who_leads_away_or_defrauds_is_found(label: str, text: str) -> None:
    assert label in labels(text)


@pytest.mark.parametrize("text", [*lines.EARLY_BENIGN, *lines.TUNED_BENIGN, *lines.SEEN_BENIGN])
def test_who_only_speaks_of_it_is_not(text: str) -> None:
    assert labels(text) == set()


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("Claim your free prize here, just enter your credit card", "prize", "high"),
        ("Verify your account details to avoid suspension", "fake_verification", "high"),
        ("Let's keep talking somewhere else", "elsewhere", "low"),
        ("Claim your free prize", "prize", "medium"),
    ],
)
def test_the_specifications_examples_have_their_severity(text: str, rule: str, severity: str) -> None:
    assert [(finding.rule, finding.severity) for finding in answer(text).findings] == [(rule, severity)]


def test_evidence_is_the_disguise_as_it_was_written() -> None:
    text = "👋 call f i v e? no: five five five, nine eight one two!"
    (finding,) = answer(text).findings

    assert [text[slice(*evidence.span or ())] for evidence in finding.evidence] == [
        "five five five, nine eight one two"
    ]


def test_a_weak_sign_is_a_score_and_no_finding() -> None:
    weak = answer("add me there, it's on discord today")

    assert answer("see you tomorrow") == Answer()
    assert all(0 < score <= 1 for score in (weak.scores or {}).values())
    assert answer("I posted the pictures on my insta").findings == ()
    assert answer("I posted the pictures on my insta").scores == {"platform_bypass": 0.3}


def test_a_warning_is_no_finding_however_much_it_quotes() -> None:
    warning = (
        "beware of scammers who write: your account is suspended, verify your details now at bit.ly/x, click the link, "
        "send me the code you received, claim your free prize, just enter your credit card number"
    )

    assert labels(warning) == set()
    assert "scam" in labels(warning.partition("write: ")[2])


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ([("ann", "add me"), ("bob", "where?")], "on tele, same name"),
        ([("bob", "where can i text you?")], "snap: ann_x9"),
        ([("ann", "let's talk somewhere else"), ("bob", "sure")], "insta"),
    ],
)
def test_a_short_answer_counts_with_what_it_answers(before: list[tuple[str, str]], text: str) -> None:
    assert "messenger" in rules(text, talk(*before))


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ([("bob", "what app do you like?")], "telegram"),
        ([("bob", "text me")], "whatsapp is down"),
        ([("bob", "add me to the list")], "the signal was lost in the tunnel so I could not hear you"),
    ],
)
def test_a_short_answer_to_something_else_does_not(before: list[tuple[str, str]], text: str) -> None:
    assert rules(text, talk(*before)) == set()


def test_a_number_in_pieces_over_the_messages_of_one_author_is_found_at_its_end() -> None:
    before = talk(("ann", "555"), ("bob", "go on"), ("ann", "one two three"))

    assert rules("4567", before) == {"number_in_pieces"}
    assert rules("4567", before, author="bob") == set()


def test_answers_of_a_quiz_are_no_number() -> None:
    before = talk(("bob", "7 times 8?"), ("ann", "56"), ("bob", "12 times 12?"), ("ann", "144"))

    assert rules("169", before) == set()


def test_a_policy_changes_an_action_a_severity_and_leaves_a_rule_out() -> None:
    engine = Solicitation(
        SolicitationConfig.model_validate(
            {
                "rules": {
                    "messenger": "bounce_flag",
                    "prize": {"action": "remove", "severity": "low", "mode": "shadow", "why": "no"},
                    "direct": {"enabled": False},
                }
            }
        )
    )
    named = {rule.name: rule for rule in engine.rules}
    (found,) = engine.inspect([Text("Claim your free prize here, just enter your credit card")])[0].findings

    assert named["messenger"].action == "bounce_flag"
    assert (named["prize"].action, named["prize"].mode, named["prize"].why) == ("block", "shadow", "no")
    assert "direct" not in named
    assert found.severity == "low"


def test_an_unknown_rule_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(ValidationError, match="unknown rule prizes: one of messenger"):
        SolicitationConfig.model_validate({"rules": {"prizes": "flag"}})


def test_an_engine_without_rules_is_refused() -> None:
    with pytest.raises(ValidationError, match="no rule is enabled"):
        SolicitationConfig.model_validate({"rules": {rule.name: {"enabled": False} for rule in ENGINE.rules}})


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["text me", " on ", "whatsapp", "\ud800", "😀", "\u200b", "five ", "5 ", "!", "\n", "your "])
    )
)
def test_nothing_that_can_be_written_breaks_it(parts: list[str]) -> None:
    text = "".join(parts)
    before = talk(("ann", text.replace("\ud800", "")), ("ann", "add me"))

    for finding in answer(text, before).findings:
        assert all(e.span and 0 <= e.span[0] < e.span[1] <= len(text) for e in finding.evidence)


@pytest.mark.parametrize(
    "piece",
    [
        "text me on whatsapp ", "claim your prize now ", "send me the ", "five five ", "a b c ", "don't report ",
        "you have won ", "é\u0301\u200b ", "1 2-3.4 ", "at dot com ", "verify your account or pay the fee. ", "x",
    ],
)  # fmt: skip
def test_the_longest_text_costs_a_bounded_time(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    answer(text)
    before = time.process_time()
    answer(text)

    assert time.process_time() - before < 0.25  # measured below .05; shared machines are slower


def found_of(pairs: tuple[tuple[str, str], ...]) -> float:
    """Return the share of lines in which their label is found."""
    return sum(label in labels(text) for label, text in pairs) / len(pairs)


def test_lines_that_no_rule_was_written_for_are_found_more_often_than_not() -> None:
    assert found_of(lines.HELD_POSITIVE) >= 0.75
    assert found_of(lines.SEEN_POSITIVE) >= 0.9


def test_harmless_lines_that_no_rule_was_written_for_are_left_alone() -> None:
    assert sum(bool(labels(text)) for text in lines.HELD_BENIGN) == 0


def share(shared: Path, name: str, labelled: str | None = None) -> float:
    """Return the share of the texts of a file of real rows (of one original label) with findings."""
    rows = [json.loads(line) for line in (shared / "data" / "text" / "dev" / name).read_text("utf-8").splitlines()]
    texts = [Text(row["text"]) for row in rows if labelled in (None, row["labels"]["orig"].get("label"))]
    return sum(bool(found.findings) for found in ENGINE.inspect(texts)) / len(texts)


@pytest.mark.parametrize("name", ["sms_spam_uci.jsonl", "smishing_mendeley.jsonl"])
def test_messages_among_friends_are_left_alone(shared: Path, name: str) -> None:
    assert share(shared, name, "ham") <= 0.005


@pytest.mark.parametrize(
    "name", ["toxic_spans.jsonl", "convabuse.jsonl", "openai_moderation.jsonl", "context_toxicity_large.jsonl"]
)
def test_rude_talk_is_no_scam(shared: Path, name: str) -> None:
    assert share(shared, name) <= 0.003


def test_more_than_half_of_real_smishing_is_found(shared: Path) -> None:
    assert share(shared, "smishing_mendeley.jsonl", "smishing") >= 0.6


def test_findings_stand_in_the_order_of_the_rules() -> None:
    text = "URGENT you have won a prize! Call 09061701461 now to claim your free prize, add me on whatsapp instead"
    (answer,) = Solicitation(SolicitationConfig()).inspect([Text(text)])
    found = [finding.rule for finding in answer.findings]

    assert len(found) > 1
    assert found == [name for name in BY_NAME if name in found]
