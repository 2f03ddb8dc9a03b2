"""Rulings: what each act makes of a decision, one revision for each, whatever the moderator saw."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.action import ACTIONS, Action
from streams.core.decision import Decision, decision_id
from streams.core.moment import iso
from streams.core.ruled import REMEMBERED, Meaningless, Revised, Ruled, ruled
from streams.core.ruling import ACTS, Act, Ruling
from tests.unit.core.decisions import made
from tests.unit.core.given import NOON

MASKED = "call ****"


def ruling(act: Act, seen: Decision | None = None, ruling_id: str = "r1", **more: Any) -> Ruling:
    return Ruling(ruling_id, act, seen or made(masked_text=MASKED), "ada", NOON, **more)


def first(act: Act, seen: Action = "flag", **more: Any) -> Decision:
    """Return what a ruling makes of an automatic decision."""
    found = ruled(None, ruling(act, made(action=seen, masked_text=MASKED), **more), NOON)
    assert found is not None
    return found.decision


def after(*rulings: Ruling, kept: Ruled | None = None) -> Revised:
    """Return what the last of some rulings made."""
    found = None
    for each in rulings:
        found = ruled(kept, each, NOON)
        assert found is not None
        kept = found.kept
    assert found is not None
    return found


def test_a_ruling_is_one_more_revision_by_a_moderator_under_its_id() -> None:
    seen = made(action="block", masked_text=None)
    decision = first("override", "block", action="flag")
    assert decision.revision == 1
    assert decision.decision_id == decision_id("m1", 1) != seen.decision_id
    assert (decision.source, decision.ruling_id, decision.previous_action) == ("moderator", "r1", "block")
    assert decision.decided_at == iso(NOON)
    assert (decision.consequences, decision.received_at) == ((), seen.received_at)
    found = ("triggered", "shadow", "reports", "labels", "severity", "confidence", "context", "policy", "objects")
    assert all(getattr(decision, name) == getattr(seen, name) for name in found)


@pytest.mark.parametrize("action", ACTIONS)
def test_approving_lets_the_action_stand_and_what_was_only_flagged_pass(action: Action) -> None:
    assert first("approve", action).action == {"flag": "allow", "mask_flag": "mask"}.get(action, action)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_override_is_the_action_that_the_moderator_names(action: Action) -> None:
    # what would be returned the first time is returned: what comes again is judged anew
    ends = {"bounce_flag": "bounce", "bounce_block": "bounce"}.get(action, action)
    decision = first("override", "block", action=action)
    assert (decision.action, decision.may_resubmit) == (ends, ends == "bounce")
    assert decision.masked_text == (MASKED if action in {"mask", "mask_flag"} else None)


def test_escalating_and_taking_it_back_leave_the_action() -> None:
    up = ruling("escalate", ruling_id="r1", priority=2)
    down = ruling("deescalate", ruling_id="r2")
    decision = after(up).decision
    assert (decision.action, decision.escalate, decision.masked_text) == ("mask_flag", True, MASKED)
    decision = after(up, down).decision
    assert (decision.action, decision.escalate, decision.revision) == ("mask_flag", False, 2)


@pytest.mark.parametrize("act", ["approve", "override"])
def test_whoever_decides_what_is_to_happen_ends_the_escalation(act: Act) -> None:
    up = ruling("escalate", made(action="block", masked_text=None))
    decide = ruling(act, made(action="block", masked_text=None), "r2", action="flag" if act == "override" else None)
    assert after(up, decide).decision.escalate is False


def test_the_same_ruling_twice_is_one() -> None:
    one = ruling("override", action="block")
    assert ruled(after(one).kept, one, NOON) is None
    other = ruling("override", ruling_id="r2", action="allow")
    assert ruled(after(one, other).kept, one, NOON) is None


def test_two_moderators_who_saw_the_same_revision_make_two_more_the_second_upon_the_first() -> None:
    seen = made(action="flag", masked_text=MASKED)
    one, two = ruling("override", seen, "r1", action="block"), ruling("approve", seen, "r2")
    decision = after(one, two).decision
    assert (decision.revision, decision.previous_action, decision.action) == (2, "block", "block")
    decision = after(two, one).decision
    assert (decision.revision, decision.previous_action, decision.action) == (2, "allow", "block")


def test_a_text_that_was_shown_again_is_masked_as_it_was() -> None:
    shown = after(ruling("override", action="allow"))
    assert shown.decision.masked_text is None
    seen = shown.decision
    assert after(ruling("override", seen, "r2", action="mask"), kept=shown.kept).decision.masked_text == MASKED
    named = ruling("override", seen, "r2", action="mask", masked_text="****")
    assert after(named, kept=shown.kept).decision.masked_text == "****"


def test_a_decision_that_is_newer_than_what_is_kept_counts() -> None:
    newer = made(revision=7, action="shadow_block", masked_text=None)
    for kept in (None, Ruled(3, "flag", escalate=True, masked_text=MASKED, rulings=("r0",))):
        found = after(ruling("escalate", newer), kept=kept)
        assert (found.decision.revision, found.decision.previous_action) == (8, "shadow_block")
    assert found.kept == Ruled(8, "shadow_block", escalate=True, masked_text=MASKED, rulings=("r0", "r1"))


@pytest.mark.parametrize(
    ("given_ruling", "field"),
    [
        (ruling("override"), "action"),
        (ruling("override", made(action="block", masked_text=None), action="mask"), "masked_text"),
    ],
)
def test_a_ruling_that_says_too_little_is_refused(given_ruling: Ruling, field: str) -> None:
    with pytest.raises(Meaningless) as refused:
        ruled(None, given_ruling, NOON)
    assert refused.value.field == field


def test_approving_a_masked_picture_needs_no_text() -> None:
    masked = made(action="mask_flag", masked_text=None)
    assert after(ruling("approve", masked)).decision.action == "mask"


@pytest.mark.parametrize(
    ("act", "more", "reason"),
    [
        ("approve", {}, "a moderator approved flag: allow"),
        ("override", {"action": "block"}, "a moderator overrode flag with block"),
        ("escalate", {"priority": 3}, "a moderator escalated it with priority 3"),
        ("deescalate", {}, "a moderator took the escalation back"),
    ],
)
def test_the_reason_says_what_was_done_and_no_word_of_the_moderator(act: Act, more: Any, reason: str) -> None:
    decision = first(act, "flag", reason="what he wrote", **more)
    assert decision.reason == reason
    assert b"what he wrote" not in msgspec.json.encode(decision)
    assert b"ada" not in msgspec.json.encode(decision)


def test_what_the_author_was_told_stays_while_the_action_does() -> None:
    seen = made(action="block", masked_text=None)
    assert after(ruling("approve", seen)).decision.notice == seen.notice
    assert after(ruling("override", seen, action="allow")).decision.notice is None


def test_what_is_kept_is_bounded_however_many_rulings_come() -> None:
    kept = after(*(ruling("escalate", ruling_id=f"r{number}") for number in range(50))).kept
    assert kept.rulings == tuple(f"r{number}" for number in range(50 - REMEMBERED, 50))
    assert kept.revision == 50


RULINGS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(ACTS), st.integers(0, 3), st.sampled_from(ACTIONS)), max_size=12
)


@given(RULINGS)
def test_revisions_grow_by_one_for_each_ruling_whatever_was_seen(
    drawn: list[tuple[int, Act, int, Action]],
) -> None:
    decisions, kept, done = [made(masked_text=MASKED)], None, set()
    for number, act, back, action in drawn:
        seen = decisions[max(0, len(decisions) - 1 - back)]
        found = ruled(kept, ruling(act, seen, f"r{number}", action=action), NOON)
        assert (found is None) == (number in done)
        if found is None:
            continue
        done.add(number)
        kept = found.kept
        assert found.decision.previous_action == decisions[-1].action
        decisions.append(found.decision)
    assert [each.revision for each in decisions] == list(range(len(decisions)))
    assert len({each.decision_id for each in decisions}) == len(decisions)
