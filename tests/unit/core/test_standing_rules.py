from typing import Any

import pytest
from pydantic import ValidationError

from streams.core.standing_rules import NO_RULES, StandingConfig, Step
from tests.unit.core.standings import DAY, HOUR, rules


def test_an_empty_section_counts_what_takes_content_away_for_ninety_days() -> None:
    given = rules()
    assert given.counted == {"block", "shadow_block"}
    assert (given.weight("scam"), given.expiry("scam")) == (1, 90 * DAY)
    assert given.ladder == ()
    assert (given.leniency, given.trusted) == (None, None)
    assert given.restricted == {"mute": "block", "restrict": "shadow_block"}


def test_labels_have_weights_and_expiries_of_their_own() -> None:
    given = rules(strikes={"labels": {"scam": 2, "spam": 0}, "expire": {"scam": "180d"}})
    assert [given.weight(label) for label in ("scam", "spam", "pii")] == [2, 0, 1]
    assert [given.expiry(label) for label in ("scam", "spam")] == [180 * DAY, 90 * DAY]


def test_one_expiry_is_that_of_every_label() -> None:
    assert rules(strikes={"expire": "12h"}).expiry("scam") == 12 * HOUR


def test_a_step_lasts_as_long_as_it_says_or_until_released() -> None:
    ladder = [
        {"strikes": 1, "do": "notice"},
        {"strikes": 3, "do": "mute", "for": "1h"},
        {"strikes": 8, "do": "restrict"},
    ]
    assert rules(ladder=ladder).ladder == (Step(1, "notice"), Step(3, "mute", HOUR), Step(8, "restrict"))


def test_other_spellings_of_actions_are_read() -> None:
    given = rules(strikes={"count": ["remove", "shadow"]}, leniency={"first": "bounce_remove"})
    assert given.counted == {"block", "shadow_block"}
    assert given.leniency is not None
    assert given.leniency.action == "bounce_block"


def test_leniency_covers_what_it_names_and_never_what_it_excepts() -> None:
    some, most = rules(leniency={"labels": ["spam"]}).leniency, rules(leniency={"except": ["scam"]}).leniency
    assert some is not None
    assert most is not None
    assert [some.covers(label) for label in ("spam", "scam")] == [True, False]
    assert [most.covers(label) for label in ("spam", "scam", "terrorism")] == [True, False, True]


def test_terrorism_and_child_safety_are_never_softened_unless_the_policy_says_so() -> None:
    given = rules(leniency={}, trusted={})
    for softening in (given.leniency, given.trusted):
        assert softening is not None
        assert [softening.covers(label) for label in ("terrorism", "child_safety", "spam")] == [False, False, True]


def test_a_policy_without_the_section_counts_nothing() -> None:
    assert NO_RULES.counted == frozenset()
    assert NO_RULES.ladder == ()


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ({"strike": {}}, "Extra inputs"),
        ({"strikes": {"count": ["bounce_block"]}}, "bounce_block is no end"),
        ({"strikes": {"count": ["allow"]}}, "allow is no end"),
        ({"strikes": {"count": []}}, "at least 1 item"),
        ({"strikes": {"labels": {"scam": 101}}}, "less than or equal to 100"),
        ({"strikes": {"labels": {"Scam": 1}}}, "match pattern"),
        ({"strikes": {"expire": "9y"}}, "match pattern"),
        ({"strikes": {"expire": {"scam": "0d"}}}, "match pattern"),
        ({"ladder": [{"strikes": 0, "do": "mute"}]}, "greater than or equal to 1"),
        ({"ladder": [{"strikes": 1, "do": "ban"}]}, "'notice', 'mute' or 'restrict'"),
        ({"ladder": [{"strikes": 1, "do": "notice", "for": "1h"}]}, "a notice has no end"),
        ({"ladder": [{"strikes": 1, "do": "mute", "lasts": "1h"}]}, "Extra inputs"),
        ({"ladder": [{"strikes": 3, "do": "mute"}, {"strikes": 1, "do": "notice"}]}, "put the steps in their order"),
        ({"ladder": [{"strikes": 3, "do": "mute"}, {"strikes": 3, "do": "mute"}]}, "leave one out"),
        ({"leniency": {"first": "mask"}}, "mask is no mild end"),
        ({"leniency": {"first": "allow"}}, "allow is no mild end"),
        ({"leniency": {"labels": []}}, "at least 1 item"),
        ({"restricted": {"mute": "allow"}}, "allow is nothing that a restriction can come to"),
        ({"restricted": {"mute": "mask"}}, "mask is nothing that a restriction can come to"),
    ],
)
def test_what_is_wrong_is_refused_with_what_would_be_right(section: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        StandingConfig.model_validate(section)


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = {"strikes": {"expire": "9y"}, "ladder": [{"strikes": 0, "do": "ban"}], "leniency": {"first": "allow"}}
    with pytest.raises(ValidationError) as refused:
        StandingConfig.model_validate(wrong)
    assert len(refused.value.errors()) == 4


def test_every_label_that_the_section_names_is_told_with_its_key() -> None:
    section = {
        "strikes": {"labels": {"a": 1, "default": 2}, "expire": {"b": "1d"}},
        "leniency": {"labels": ["c"], "except": ["d"]},
        "trusted": {"labels": ["e"], "except": []},
    }
    assert list(StandingConfig.model_validate(section).named()) == [
        ("strikes.labels", "a"),
        ("strikes.expire", "b"),
        ("leniency.labels", "c"),
        ("leniency.except", "d"),
        ("trusted.labels", "e"),
    ]
