from msgspec import structs

from streams.core.breadth import breadth, inspected, whole
from streams.core.composite import CompositeConfig, Composites
from streams.core.condition import Conditions, compiled
from streams.core.label import LABELS
from tests.unit.core.given import Words, WordsConfig, policy


def test_breadth_is_the_share_of_texts_in_which_a_rule_finds_something() -> None:
    engine = Words(WordsConfig(words=("a", "b", "z")))

    answers = inspected([engine], ["a b", "a", "c", "d"])
    assert breadth(engine, answers["words"]) == {"a": 0.5, "b": 0.25, "z": 0.0}


def test_without_texts_there_is_no_breadth() -> None:
    engine = Words(WordsConfig(words=("a",)))
    assert inspected([engine], []) == {}
    assert breadth(engine, []) == {}
    assert whole(policy(engine.rules), {}, []) == (0.0, {}, {})


def test_a_policy_holds_back_what_its_rules_do_together() -> None:
    engine = Words(WordsConfig(words=("a", "b"), action="block"))
    samples = ["a b", "a", "c", "d"]
    answers = inspected([engine], samples)
    assert whole(policy(engine.rules), answers, samples).held == 0.5
    tried = structs.replace(policy(engine.rules), mode="shadow")
    assert whole(tried, answers, samples).held == 0.5
    assert whole(policy([structs.replace(rule, action="flag") for rule in engine.rules]), answers, samples).held == 0


def test_composite_rules_hold_back_too_and_may_not_be_said() -> None:
    conditions = {"short": "content.length < 3", "late": "1 / (content.length - 1) >= 0 && text != 'xx'"}
    rules = [CompositeConfig(name=name, when=when, action="block") for name, when in conditions.items()]
    made = Composites(tuple(conditions), Conditions([compiled(when, LABELS) for when in conditions.values()]))
    judge = structs.replace(policy([rule.rule() for rule in rules]), composites=made)
    much = whole(judge, {}, ["a", "xx", "three", "four"])
    assert much.held == 1.0
    assert much.rules == {"short": 0.5, "late": 0.5}
    assert much.unsaid == {"late": 0.25}
