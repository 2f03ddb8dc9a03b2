"""Corrections: what moderators decide counts as though it had been decided so at first, whoever the author is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from streams.core.action import Action
from streams.core.decision import Consequence, decision_id
from streams.core.restriction import ENGINE
from streams.core.standing import folded
from streams.core.standing_rules import NO_RULES
from streams.core.standing_state import RULED
from streams.core.verdict import Verdict
from tests.unit.core.given import NOON
from tests.unit.core.standings import DAY, User, contents, line, order, rules, users, verdict

CLIMB = rules(ladder=[{"strikes": 1, "do": "notice"}, {"strikes": 3, "do": "mute", "for": "1h"}])
NOTICES = {"en": {"default": "It is against the rules."}}


def ruled(content_id: str, before: Action, after: Action, *lines: Any, at: int = NOON, **more: Any) -> Verdict:
    """Return the verdict of a moderator who changed a decision."""
    judged = verdict(content_id, *lines, at=at, **more)
    decision = structs.replace(
        judged.decision,
        revision=1,
        decision_id=decision_id(content_id, 1),
        action=after,
        previous_action=before,
        source="moderator",
        ruling_id="r1",
        reason=f"a moderator overrode {before} with {after}",
    )
    return structs.replace(judged, decision=decision)


def ends(user: User) -> dict[str, tuple[str, str]]:
    """Return of each past violation its action, and how it ended."""
    return {one.content_id: (one.action, one.ended) for one in user.held.past}


def test_what_is_allowed_after_all_led_to_nothing() -> None:
    user = users(CLIMB, verdict("m1"), verdict("m2"), verdict("m3"), ruled("m2", "block", "allow"))
    assert (list(contents(user)), user.held.violations, user.held.rungs) == (["m1", "m3"], 2, ())
    assert ends(user)["m2"] == ("block", "withdrawn")
    made = user.decisions[-1]
    assert (made.action, made.consequences, made.revision) == ("allow", (), 1)
    assert made.reason == "a moderator overrode block with allow; its strike is withdrawn"


def test_what_is_blocked_after_all_is_a_strike_with_all_that_follows() -> None:
    flagged = verdict("m3", line(action="flag"))
    user = users(CLIMB, verdict("m1"), verdict("m2"), flagged, ruled("m3", "flag", "block", line(action="flag")))
    assert (list(contents(user)), user.held.violations) == (["m1", "m2", "m3"], 3)
    assert ends(user)["m3"] == ("block", "stands")
    assert [each.kind for each in user.decisions[-1].consequences] == ["strike", "mute"]
    assert user.steps[-1].struck == "scam"
    assert user.steps[-1].climbed == ("mute",)


def test_a_strike_that_a_moderator_gives_weighs_as_the_heaviest_label_and_counts_from_the_ruling() -> None:
    heavy = rules(strikes={"labels": {"hate_speech": 3}, "expire": "2d"})
    lines = (line("scam", "flag"), line("hate_speech", "flag"))
    user = users(heavy, verdict("m1", *lines), ruled("m1", "flag", "block", *lines, at=NOON + DAY))
    assert [(one.label, one.weight, one.at, one.until) for one in user.held.strikes] == [
        ("hate_speech", 3, NOON + DAY, NOON + 3 * DAY)
    ]


def test_what_counts_no_more_is_a_violation_without_a_strike() -> None:
    user = users(CLIMB, verdict("m1"), ruled("m1", "block", "flag"))
    assert (user.held.strikes, user.held.violations, ends(user)) == ((), 1, {"m1": ("flag", "stands")})
    assert user.decisions[-1].reason.endswith("; its strike is withdrawn")


def test_what_counted_and_counts_still_is_the_same_strike() -> None:
    user = users(CLIMB, verdict("m1"))
    strikes = user.held.strikes
    user.after(ruled("m1", "block", "shadow_block", at=NOON + DAY))
    assert (user.held.strikes, user.held.violations, ends(user)) == (strikes, 1, {"m1": ("shadow_block", "stands")})
    assert user.decisions[-1].consequences == ()


def test_a_strike_that_expired_is_not_given_again() -> None:
    brief = rules(strikes={"expire": "1d"})
    user = users(brief, verdict("m1"), ruled("m1", "block", "shadow_block", at=NOON + 2 * DAY))
    assert user.held.strikes == ()


def test_what_was_taken_back_and_is_blocked_again_counts_again() -> None:
    user = users(CLIMB, verdict("m1"), ruled("m1", "block", "allow"), ruled("m1", "allow", "block"))
    assert (list(contents(user)), user.held.violations, ends(user)) == (["m1"], 1, {"m1": ("block", "stands")})


@pytest.mark.parametrize("action", ["block", "flag", "bounce"])
def test_a_decision_whose_action_stays_changes_nothing(action: Action) -> None:
    user = users(CLIMB, verdict("m1", line(action=action)))
    before = user.held
    user.after(ruled("m1", action, action, line(action=action)))
    assert user.held == before
    assert (user.decisions[-1].revision, user.decisions[-1].consequences) == (1, ())


def test_a_strike_that_a_person_withdrew_stays_withdrawn_while_the_action_stands() -> None:
    user = users(CLIMB, verdict("m1"), order("o1", "withdraw", content_id="m1"), ruled("m1", "block", "block"))
    assert user.held.strikes == ()


def test_nothing_softens_what_a_moderator_decides() -> None:
    mild = rules(leniency={}, trusted={})
    for trusted in (None, True):
        user = users(mild, ruled("m1", "flag", "block", line(action="flag"), trusted=trusted))
        assert (user.actions, list(contents(user))) == (["block"], ["m1"])


def test_what_a_moderator_returns_may_come_again_once() -> None:
    bouncing = line("spam", "bounce_block")
    user = users(CLIMB, verdict("m1", line("spam", "flag")), ruled("m1", "flag", "bounce", line("spam", "flag")))
    user.after(verdict("m2", bouncing, previous="m1"))
    assert user.actions == ["flag", "bounce", "block"]
    # and what was returned by mistake is replaced by nothing
    user = users(CLIMB, verdict("m1", bouncing), ruled("m1", "bounce", "allow"), verdict("m2", bouncing, previous="m1"))
    assert user.actions == ["bounce", "allow", "bounce"]


def test_content_of_a_restricted_user_is_a_violation_only_if_somebody_makes_it_one() -> None:
    muted = line("muted", "block", engine=ENGINE)
    user = users(CLIMB, verdict("m1", muted), ruled("m1", "block", "flag", muted))
    assert (user.held.past, user.held.strikes) == ((), ())
    user.after(ruled("m1", "flag", "block", muted))
    assert [(one.label, one.weight) for one in user.held.strikes] == [("unlabelled", 1)]


def test_what_was_allowed_and_is_flagged_by_a_person_is_a_violation() -> None:
    user = users(CLIMB, ruled("m1", "allow", "flag", line(action="flag")))
    assert (user.held.violations, ends(user), user.steps[-1].counted) == (1, {"m1": ("flag", "stands")}, True)


def test_an_automatic_decision_that_comes_again_after_a_ruling_is_none() -> None:
    user = users(CLIMB, verdict("m1"), ruled("m1", "block", "allow"))
    before = user.held
    step = user.after(verdict("m1")).steps[-1]
    assert (step.decision, step.counted, user.held) == (None, False, before)


def test_it_is_none_even_when_the_violation_is_forgotten() -> None:
    user = users(CLIMB, verdict("m1"), ruled("m1", "block", "allow"))
    user.after(*(verdict(f"other{number}", line(action="flag")) for number in range(30)))
    assert "m1" not in ends(user)
    assert user.after(verdict("m1")).steps[-1].decision is None
    assert user.held.strikes == ()


def test_what_is_known_of_rulings_is_bounded() -> None:
    user = users(CLIMB, *(ruled(f"m{number}", "block", "allow") for number in range(RULED + 5)))
    assert user.held.ruled == tuple(f"m{number}" for number in range(5, RULED + 5))


def test_a_policy_that_nobody_knows_takes_no_strike_away() -> None:
    user = users(CLIMB, verdict("m1"))
    kept = folded(user.state, ruled("m1", "block", "shadow_block"), NO_RULES, NOON).state
    assert kept is not None
    assert len(kept.strikes) == 1
    taken_back = folded(user.state, ruled("m1", "block", "allow"), NO_RULES, NOON).state
    assert taken_back is not None
    assert taken_back.strikes == ()


def test_the_author_is_told_what_the_moderator_decided() -> None:
    blocked = folded(None, ruled("m1", "flag", "block"), CLIMB, NOON, NOTICES).decision
    allowed = folded(None, ruled("m1", "block", "allow"), CLIMB, NOON, NOTICES).decision
    told = folded(None, ruled("m1", "block", "block", notice={"en": "as judged"}), CLIMB, NOON, NOTICES).decision
    assert blocked is not None
    assert blocked.notice == {"en": "It is against the rules."}
    assert allowed is not None
    assert allowed.notice is None
    assert told is not None
    assert told.notice == {"en": "as judged"}


ENDS: tuple[Action, ...] = ("allow", "flag", "mask", "bounce", "shadow_block", "block")


@given(st.sampled_from(ENDS[1:]), st.lists(st.sampled_from(ENDS), max_size=6))
def test_after_any_rulings_the_strike_is_there_exactly_if_the_last_action_counts(
    judged: Action, actions: list[Action]
) -> None:
    user, before = users(CLIMB, verdict("m1", line(action=judged))), judged
    for action in actions:
        user.after(ruled("m1", before, action, line(action=judged)))
        before = action
    counts = before in {"block", "shadow_block"}
    assert list(contents(user)) == (["m1"] if counts else [])
    assert user.held.violations == (before != "allow")
    assert [one.kind for made in user.decisions[-1:] for one in made.consequences if one.kind == "strike"] == (
        ["strike"] if counts and user.steps[-1].struck else []
    )
    assert Consequence("lenient") not in user.decisions[-1].consequences
