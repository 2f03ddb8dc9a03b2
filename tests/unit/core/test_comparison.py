from random import Random

from streams.core.action import Action
from streams.core.comparison import Comparison, Judged, RuleChange

IDIOT, LINK = ("blocklist", "idiot"), ("pattern", "link")


def judged(action: Action, *rules: tuple[str, str], shadow: tuple[tuple[str, str], ...] = ()) -> Judged:
    return Judged(action, frozenset(rules), frozenset(shadow))


def test_contents_are_counted_by_their_two_actions() -> None:
    comparison = Comparison(5)
    assert comparison.add("m1", judged("block", IDIOT), judged("flag", IDIOT))
    assert not comparison.add("m2", judged("allow"), judged("allow"))
    assert comparison.add("m3", judged("allow"), judged("flag", LINK))
    assert comparison.pairs == {("block", "flag"): 1, ("allow", "allow"): 1, ("allow", "flag"): 1}
    assert (comparison.contents, comparison.changed) == (3, 2)


def test_a_rule_triggers_in_both_only_now_or_only_then() -> None:
    comparison = Comparison(0)
    comparison.add("m1", judged("block", IDIOT), judged("block", IDIOT, LINK))
    comparison.add("m2", judged("block", IDIOT), judged("allow"))
    comparison.add("m3", judged("allow"), judged("allow"))
    comparison.add("m4", judged("allow"), judged("allow"))
    assert comparison.rules == {IDIOT: RuleChange(both=1, lost=1), LINK: RuleChange(gained=1)}
    assert comparison.share(comparison.rules[LINK]) == 0.25


def test_a_rule_that_leaves_shadow_mode_triggers_in_both() -> None:
    comparison = Comparison(0)
    comparison.add("m1", judged("allow", shadow=(IDIOT,)), judged("block", IDIOT))
    assert comparison.rules == {IDIOT: RuleChange(both=1)}


def test_a_content_without_a_decision_is_counted_and_is_no_change() -> None:
    comparison = Comparison(5)
    assert not comparison.add("m1", None, judged("block", IDIOT))
    assert comparison.pairs == {("missing", "block"): 1}
    assert (comparison.changed, comparison.rules, comparison.samples()) == (0, {}, {})


def test_the_sample_is_the_same_whatever_the_order_and_no_larger_than_asked() -> None:
    names = [f"m{number}" for number in range(100)]
    samples = []
    for seed in range(2):
        comparison = Comparison(3)
        for name in Random(seed).sample(names, len(names)):
            comparison.add(name, judged("allow"), judged("flag"), f"text of {name}")
        samples.append(comparison.samples())
    assert samples[0] == samples[1]
    (sample,) = samples[0].values()
    assert len(sample) == 3
    assert all(shown == f"text of {name}" for name, shown in sample)
    assert {name for name, _ in sample} != set(names[:3])
