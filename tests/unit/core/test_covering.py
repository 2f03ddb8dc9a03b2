from typing import Any

from streams.core.action import Action
from streams.core.covering import covered
from streams.core.finding import Evidence, Finding, Report
from streams.core.policy import Policy, PolicyRef
from streams.core.rule import Mode, Rule

BOX, OTHER = (1, 2, 3, 4), (5, 6, 7, 8)


def policy(**actions: tuple[Action, Mode]) -> Policy:
    """Return a policy whose ocr reports may hold findings of these rules."""
    return Policy(
        ref=PolicyRef("p", "0"),
        kinds=frozenset({"image"}),
        rules={
            ("ocr", f"pii.{name}"): Rule("pii", name, "pii" if name != "word" else "profanity", action, mode=mode)
            for name, (action, mode) in actions.items()
        },
        text_engines=("pii",),
        media_engines=("ocr",),
        exempt=(),
        failure={},
        failure_action="flag",
        deadline_ms=1000,
    )


def report(**places: Any) -> Report:
    findings = tuple(
        Finding("pii" if name != "word" else "profanity", f"pii.{name}", evidence=tuple(evidence))
        for name, evidence in places.items()
    )
    return Report("c", "ocr", "1", "ok", findings=findings)


def test_what_a_masking_rule_found_is_covered() -> None:
    assert covered(policy(card=("mask", "enforce")), [report(card=[Evidence(box=BOX)])]) == {0: [BOX]}


def test_personal_data_is_covered_whoever_makes_the_decision_mask_and_other_things_are_not() -> None:
    rules = policy(word=("mask", "enforce"), card=("flag", "enforce"))
    found = report(word=[Evidence(box=BOX)], card=[Evidence(box=OTHER)])
    assert covered(rules, [found]) == {0: [BOX, OTHER]}
    rules = policy(card=("mask", "enforce"), word=("flag", "enforce"))
    assert covered(rules, [found]) == {0: [OTHER]}


def test_nothing_is_covered_where_no_enforced_rule_masks() -> None:
    found = [report(card=[Evidence(box=BOX)])]
    assert covered(policy(card=("flag", "enforce")), found) == {}
    assert covered(policy(card=("mask", "shadow")), found) == {}


def test_boxes_belong_to_their_object_and_those_on_frames_are_left_out() -> None:
    places = [Evidence(box=BOX, attachment=1), Evidence(box=OTHER, frame=(0, 40)), Evidence(span=(0, 4))]
    assert covered(policy(card=("mask", "enforce")), [report(card=places)]) == {1: [BOX]}
