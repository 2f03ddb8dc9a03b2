"""Effects of a policy: what an author may write, and what of it follows a decision."""

from typing import Any, Final

import pytest
from pydantic import TypeAdapter, ValidationError

from streams.core.action import ACTIONS
from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.effect_config import EffectPlan
from streams.core.effects_config import COPIES, Effects, compiled_effects
from streams.core.judged_object import JudgedObject
from streams.core.planning import planned
from tests.unit.core.decisions import made

SECTION: Final[TypeAdapter[Any]] = TypeAdapter(Effects)
AWAY: Final = {"name": "away", "sink": "s3", "work": "quarantine", "on": ["block"], "bucket": "held", "prefix": "a/"}
MARK: Final = {"name": "mark", "sink": "s3", "work": "tag", "on": ["block", "flag"], "tags": {"team": "trust"}}
KEEP: Final = {"name": "stay", "sink": "s3", "work": "keep", "on": ["allow"]}
TELL: Final = {
    "name": "tell",
    "sink": "sns",
    "work": "notify",
    "on": "all",
    "topic_arn": "arn:aws:sns:eu-west-1:111122223333:alerts",
}
STORED: Final = (JudgedObject("image", Location(bucket="uploads", key="k", etag="0" * 32)),)


def plans(*effects: dict[str, Any]) -> tuple[EffectPlan, ...]:
    return compiled_effects(SECTION.validate_python(list(effects)))


def names(decision: Decision, *effects: dict[str, Any]) -> list[str]:
    return [effect.name for effect in planned(decision, plans(*effects), 5)]


def picture(action: str, **changes: Any) -> Decision:
    return made(**{"kind": "image", "action": action, "objects": STORED, **changes})


def test_an_effect_carries_all_that_its_sink_needs() -> None:
    decision = picture("block")
    (effect,) = planned(decision, plans({**AWAY, "tags": {"team": "trust"}}), 5)
    assert (effect.content_id, effect.sink, effect.name, effect.work, effect.at) == (
        "m1",
        "s3",
        "away",
        "quarantine",
        5,
    )
    assert effect.decision is decision
    assert effect.target == {"bucket": "held", "prefix": "a/", "tag:team": "trust", COPIES: "held/a/"}


def test_of_several_works_on_stored_objects_the_strongest_is_done() -> None:
    assert names(picture("block"), MARK, AWAY, TELL) == ["away", "tell"]
    assert names(picture("flag"), MARK, AWAY, TELL) == ["mark", "tell"]


def test_what_is_not_in_s3_has_no_effects_there() -> None:
    assert names(made(action="block"), AWAY, TELL) == ["tell"]
    elsewhere = (JudgedObject("image", Location(url="https://example.org/a.png")),)
    assert names(picture("block", objects=elsewhere), AWAY) == []


def test_a_newer_revision_that_nothing_takes_puts_back_what_an_older_one_moved() -> None:
    assert names(picture("allow"), AWAY) == []
    (undo,) = planned(picture("allow", revision=1), plans(AWAY), 5)
    assert (undo.name, undo.work, undo.target) == ("undo", "keep", {COPIES: "held/a/"})
    assert names(picture("allow", revision=1), AWAY, KEEP) == ["stay"]
    assert names(picture("flag", revision=1), KEEP) == []  # nothing was ever moved


def test_who_was_told_of_a_decision_hears_what_became_of_it() -> None:
    told = {**TELL, "on": ["block"]}
    assert names(picture("block"), AWAY, told) == ["away", "tell"]
    assert names(picture("allow", revision=1, previous_action="block"), AWAY, told) == ["undo", "tell"]
    assert names(picture("allow", revision=1, previous_action="flag"), AWAY, told) == ["undo"]
    assert names(picture("allow", revision=2, previous_action="allow"), AWAY, told) == ["undo"]


def test_whatever_is_done_knows_where_the_policy_quarantines() -> None:
    other = {**AWAY, "name": "far", "on": ["shadow_block"], "bucket": "other", "prefix": ""}
    assert [plan.target[COPIES] for plan in plans(AWAY, other, KEEP)] == ["held/a/\nother/"] * 3
    assert COPIES not in plans(KEEP)[0].target


@pytest.mark.parametrize(
    ("condition", "changes", "taken"),
    [
        ({"on": "all"}, {"action": "mask"}, True),
        ({"on": ["remove"]}, {"action": "block"}, True),  # the other spelling
        ({"on": ["block"]}, {"action": "flag"}, False),
        ({"kinds": ["image"]}, {"kind": "image"}, True),
        ({"kinds": ["image"]}, {"kind": "message"}, False),
        ({"escalated": True}, {"escalate": True}, True),
        ({"escalated": True}, {"escalate": False}, False),
        ({"escalated": False}, {"escalate": True}, False),
        ({"min_severity": "high"}, {"severity": "critical"}, True),
        ({"min_severity": "high"}, {"severity": "medium"}, False),
        ({"min_severity": "low"}, {"severity": None}, False),
        ({"labels": ["scam", "spam"]}, {"labels": ("pii", "scam")}, True),
        ({"labels": ["spam"]}, {"labels": ("pii",)}, False),
    ],
)
def test_every_condition_of_an_effect_must_hold(
    condition: dict[str, Any], changes: dict[str, Any], *, taken: bool
) -> None:
    assert names(made(**changes), {**TELL, **condition}) == (["tell"] if taken else [])


def test_all_is_every_action() -> None:
    assert plans(TELL)[0].actions == set(ACTIONS)


@pytest.mark.parametrize(
    ("effects", "meaning"),
    [
        ([{**AWAY, "bucket": None}], "quarantine needs the bucket"),
        ([{**MARK, "bucket": "held"}], "tag copies nothing"),
        ([{**KEEP, "tags": {"a": "b"}}], "keep leaves no tags"),
        ([{**AWAY, "bucket": "Not A Bucket"}], "String should match pattern"),
        ([{**AWAY, "prefix": "no-slash"}], "String should match pattern"),
        ([{**AWAY, "on": []}], "at least 1 item"),
        ([{**AWAY, "on": ["blok"]}], "unknown action 'blok'"),
        ([{**AWAY, "bukket": "held"}], "Extra inputs"),
        ([{**AWAY, "name": "undo"}], "choose another one"),
        ([{**AWAY, "sink": "kafka"}], "does not match any of the expected tags"),
        ([AWAY, AWAY], "away: occurs 2 times"),
        ([{**TELL, "name": f"n{number}"} for number in range(51)], "at most 50 items"),
        ([{**MARK, "tags": {f"t{number}": "" for number in range(6)}}], "at most 5 items"),
    ],
)
def test_what_is_wrong_with_effects_is_told(effects: list[dict[str, Any]], meaning: str) -> None:
    with pytest.raises(ValidationError, match=meaning):
        plans(*effects)
