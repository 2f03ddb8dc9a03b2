from msgspec import structs

from streams.core.curbed import curbed
from streams.core.judge import judged
from streams.core.rule import Rule
from tests.unit.core.given import NOON, facts, found, policy

BLOCK = Rule("words", "bad", "abuse", "block")
MASK = Rule("words", "rude", "profanity", "mask")
TRIED = Rule("words", "tried", "spam", "block", mode="shadow")
POLICY = policy([BLOCK, MASK, TRIED])


def test_a_fallen_rule_flags_and_the_decision_says_what_it_led_to() -> None:
    decision = judged(curbed(POLICY, {("words", "bad")}), facts(), [("words", found("abuse", "bad"))], (), NOON)
    assert (decision.action, decision.policy) == ("flag", POLICY.ref)
    (line,) = decision.triggered
    assert (line.rule, line.action, line.instead_of) == ("bad", "flag", "block")


def test_other_rules_act_as_before() -> None:
    answers = [("words", found("abuse", "bad")), ("links", found("profanity", "rude"))]
    decision = judged(curbed(POLICY, {("words", "rude")}), facts(), answers[:1], (), NOON)
    assert (decision.action, decision.triggered[0].instead_of) == ("block", None)


def test_a_fallen_rule_masks_nothing() -> None:
    answers = [("words", found("profanity", "rude", (0, 4)))]
    known = facts(masked_text="**** word")
    assert judged(POLICY, known, answers, (), NOON).masked_text == "**** word"
    assert judged(curbed(POLICY, {("words", "rude")}), known, answers, (), NOON).masked_text is None


def test_a_rule_in_shadow_mode_stays_what_it_is() -> None:
    assert curbed(POLICY, {("words", "tried")}).rules["words", "tried"] == TRIED


def test_without_fallen_rules_it_is_the_same_policy() -> None:
    assert curbed(POLICY, frozenset()) is POLICY


def test_what_media_engines_read_is_curbed_with_the_rule_of_the_texts() -> None:
    read = policy([BLOCK])
    rules = {**read.rules, ("ocr", "words_bad"): BLOCK}
    by_both = structs.replace(read, rules=rules)
    decision = judged(curbed(by_both, {("words", "bad")}), facts(), [("ocr", found("abuse", "words_bad"))], (), NOON)
    assert decision.action == "flag"
