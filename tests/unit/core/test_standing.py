from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.action import ACTIONS
from streams.core.decision import Consequence
from streams.core.moment import iso
from streams.core.restriction import Restriction, restriction_at, strikes_at
from streams.core.standing import aged, folded, is_stale
from streams.core.standing_state import (
    BOUNCED,
    BOUNCED_MS,
    ORDERS,
    PAST,
    REMEMBERED_MS,
    RESTRICTIONS,
    STRIKES,
    StandingState,
    standing_of,
    weight,
)
from streams.core.verdict import Order, StandingOrder, Verdict
from tests.unit.core.given import NOON
from tests.unit.core.standings import DAY, HOUR, SECOND, User, contents, line, order, rules, users, verdict

LADDER = [
    {"strikes": 1, "do": "notice"},
    {"strikes": 3, "do": "mute", "for": "1h"},
    {"strikes": 5, "do": "restrict"},
]
CLIMB = rules(ladder=LADDER)


def strikes(number: int, first: int = 1, every: int = SECOND) -> list[Verdict]:
    """Return verdicts that are a strike each."""
    return [verdict(f"m{first + place}", at=NOON + (first + place) * every) for place in range(number)]


def test_a_violation_that_counts_is_a_strike_and_the_decision_says_so() -> None:
    user = users(rules(), verdict("m1"))
    (made,) = user.decisions
    assert (made.action, made.reason) == ("block", "words found something")
    assert made.consequences == (Consequence("strike", until=NOON + 90 * DAY, strikes=1, why="scam"),)
    standing = user.steps[0].standing
    assert standing is not None
    assert (standing.violations, strikes_at(standing, NOON), standing.past[0].action) == (1, 1, "block")


def test_a_violation_that_does_not_count_is_remembered_and_not_published() -> None:
    user = users(rules(), verdict("m1", line(action="flag")))
    assert (user.held.violations, user.held.strikes, user.steps[0].standing) == (1, (), None)
    assert user.decisions[0].consequences == ()


def test_a_content_of_several_labels_is_one_strike_the_heaviest() -> None:
    given_rules = rules(strikes={"labels": {"scam": 2, "hate_speech": 3}})
    user = users(given_rules, verdict("m1", line("scam"), line("hate_speech"), line("violence", "flag")))
    assert [(one.label, one.weight) for one in user.held.strikes] == [("hate_speech", 3)]


def test_a_label_that_weighs_nothing_gives_no_strike() -> None:
    user = users(rules(strikes={"labels": {"scam": 0}}), verdict("m1"))
    assert (user.held.strikes, user.held.violations) == ((), 1)


def test_the_same_content_counts_once() -> None:
    user = users(rules(), verdict("m1"), verdict("m1"), verdict("m2"), verdict("m1"))
    assert (user.held.violations, list(contents(user)), user.actions) == (2, ["m1", "m2"], ["block"] * 4)


def test_strikes_expire() -> None:
    user = users(rules(strikes={"expire": {"default": "1d", "scam": "3d"}}), verdict("m1"), verdict("m2", line("spam")))
    assert weight(user.held) == 2
    later = verdict("m3", line("spam", "flag"), at=NOON + DAY)
    assert list(contents(user.after(later))) == ["m1"]
    assert list(contents(user.after(verdict("m4", line("spam", "flag"), at=NOON + 3 * DAY)))) == []
    assert user.held.violations == 4


def test_a_verdict_of_long_ago_is_a_violation_and_no_strike() -> None:
    step = folded(None, verdict("m1", at=NOON), rules(strikes={"expire": "1d"}), NOON + DAY)
    assert step.state is not None
    assert (step.state.violations, step.state.strikes, step.struck) == (1, (), None)


def test_a_clock_that_is_ahead_prolongs_no_strike() -> None:
    step = folded(None, verdict("m1", at=NOON + 10 * DAY), rules(), NOON)
    assert step.state is not None
    assert step.state.strikes[0].until == NOON + 90 * DAY


def test_every_step_of_the_ladder_is_taken_and_told() -> None:
    user = users(CLIMB, *strikes(5))
    kinds = [[each.kind for each in made.consequences] for made in user.decisions]
    assert kinds == [["strike", "notice"], ["strike"], ["strike", "mute"], ["strike"], ["strike", "restrict"]]
    muted = NOON + 3 * SECOND
    assert user.decisions[2].consequences[1] == Consequence("mute", until=muted + HOUR, strikes=3)
    assert user.decisions[2].reason == f"words found something; 3 strikes: muted until {iso(muted + HOUR)}"
    assert user.decisions[4].reason == "words found something; 5 strikes: restricted until released"
    standing = user.steps[4].standing
    assert standing is not None
    assert [(one.kind, one.by, one.until) for one in standing.restrictions] == [
        ("mute", "ladder", muted + HOUR),
        ("restrict", "ladder", None),
    ]
    in_force = [restriction_at(standing, muted + HOUR + late) for late in (-1, 0)]
    assert [one and one.kind for one in in_force] == ["mute", "restrict"]


def test_who_comes_up_again_after_strikes_expired_takes_the_steps_again() -> None:
    user = users(rules(strikes={"expire": "1d"}, ladder=LADDER), *strikes(3), *strikes(3, first=4, every=DAY))
    did = [step.climbed for step in user.steps]
    assert did == [("notice",), (), ("mute",), ("notice",), ("notice",), ("notice",)]
    again = users(rules(strikes={"expire": "2d"}, ladder=LADDER), *strikes(3), *strikes(3, first=40, every=HOUR))
    assert [step.climbed for step in again.steps][3:] == [(), ("restrict",), ()]


def test_withdrawing_a_strike_lifts_what_rests_on_it() -> None:
    user = users(CLIMB, *strikes(3))
    assert [rung.restriction.kind for rung in user.held.rungs] == ["mute"]
    user.after(order("o1", "withdraw", content_id="m2"))
    assert (user.held.rungs, list(contents(user)), user.held.violations) == ((), ["m1", "m3"], 2)
    assert [one.ended for one in user.held.past] == ["stands", "withdrawn", "stands"]


def test_a_restriction_stays_where_enough_strikes_came_since() -> None:
    user = users(CLIMB, *strikes(4), order("o1", "withdraw", content_id="m1"))
    assert [rung.restriction.kind for rung in user.held.rungs] == ["mute"]
    assert user.after(order("o2", "withdraw", content_id="m2")).held.rungs == ()


def test_an_expired_strike_still_bears_the_restriction_that_it_led_to() -> None:
    user = users(rules(strikes={"expire": "1d"}, ladder=[{"strikes": 2, "do": "restrict"}]), *strikes(2))
    user.after(verdict("m9", line(action="flag"), at=NOON + 2 * DAY))
    assert (user.held.strikes, len(user.held.rungs)) == ((), 1)
    assert user.after(order("o1", "withdraw", content_id="m1", at=NOON + 2 * DAY)).held.rungs == ()


def test_withdrawing_leaves_what_people_ordered() -> None:
    user = users(
        CLIMB, *strikes(3), order("o1", "restrict", restriction="mute"), order("o2", "withdraw", content_id="m1")
    )
    assert [one.by for one in user.held.ordered] == ["ada"]


def test_withdrawing_a_content_that_led_to_nothing_changes_nothing() -> None:
    user = users(CLIMB, *strikes(2))
    before = user.held
    after = user.after(order("o1", "withdraw", content_id="m9")).held
    assert msgspec.structs.replace(after, orders=(), at=before.at) == before


def test_a_content_withdrawn_twice_is_withdrawn_once() -> None:
    withdrawals = [order(f"o{number}", "withdraw", content_id="m1") for number in range(3)]
    assert users(CLIMB, *strikes(3), *withdrawals).held.violations == 2


def test_a_withdrawn_first_violation_is_no_history() -> None:
    lenient = rules(leniency={})
    user = users(lenient, verdict("m1"), order("o1", "withdraw", content_id="m1"), verdict("m2"), verdict("m3"))
    assert user.actions == ["flag", "flag", "block"]


def test_a_person_restricts_and_releases() -> None:
    user = users(CLIMB, order("o1", "restrict", restriction="mute", until=NOON + HOUR, why="spam"))
    assert list(user.held.ordered) == [Restriction("mute", NOON, "ada", NOON + HOUR, "spam")]
    assert user.steps[0].standing is not None
    user.after(*strikes(3), order("o2", "release"))
    assert (user.held.ordered, user.held.rungs, weight(user.held)) == ((), (), 3)


def test_an_order_without_a_kind_restricts() -> None:
    assert users(CLIMB, order("o1", "restrict")).held.ordered[0].kind == "restrict"


def test_the_same_order_twice_is_one() -> None:
    twice = [order("o1", "restrict"), order("o2", "release"), order("o1", "restrict")]
    assert users(CLIMB, *twice).held.ordered == ()


def test_who_is_released_and_has_nothing_else_is_taken_back_from_standings() -> None:
    user = users(CLIMB, order("o1", "restrict"), order("o2", "release"), order("o3", "release"))
    assert [(step.standing is not None, step.retracted) for step in user.steps] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_trust_and_distrust_are_published_and_the_last_word_counts() -> None:
    user = users(CLIMB, order("o1", "trust"), order("o2", "distrust"))
    assert [step.standing and step.standing.trusted for step in user.steps] == [True, False]


def test_a_user_who_is_forgotten_leaves_nothing() -> None:
    user = users(CLIMB, *strikes(3), order("o1", "forget"))
    assert (user.state, user.steps[-1].retracted) == (None, True)
    assert users(CLIMB, order("o1", "forget")).steps[0].retracted is False
    user.after(verdict("m9", at=NOON + HOUR))
    assert user.held.violations == 1


def test_what_is_bounced_is_remembered_for_a_day_and_its_resubmission_ends_otherwise() -> None:
    bouncing = line("spam", "bounce_block")
    user = users(CLIMB, verdict("m1", bouncing), verdict("m2", bouncing, at=NOON + SECOND, previous="m1"))
    assert user.actions == ["bounce", "block"]
    assert [(made.may_resubmit, made.resubmission_of) for made in user.decisions] == [(True, None), (False, "m1")]
    assert [each.kind for each in user.decisions[1].consequences] == ["resubmission", "strike", "notice"]
    user.after(verdict("m3", bouncing, at=NOON + BOUNCED_MS - 1, resubmits="m1"))
    user.after(verdict("m4", bouncing, at=NOON + BOUNCED_MS, resubmits="m1"))
    assert user.actions[2:] == ["block", "bounce"]


def test_what_was_bounced_during_an_outage_is_known_afterwards() -> None:
    bouncing, later = line("spam", "bounce_block"), NOON + 3 * DAY
    first = folded(None, verdict("m1", bouncing), CLIMB, later)
    second = folded(first.state, verdict("m2", bouncing, at=NOON + SECOND, previous="m1"), CLIMB, later)
    assert second.decision is not None
    assert second.decision.action == "block"


def test_a_state_is_bounded_whatever_a_user_does() -> None:
    user = User(CLIMB)
    for number in range(250):
        user.after(verdict(f"m{number}"), verdict(f"b{number}", line(action="bounce")), order(f"o{number}", "restrict"))
    held = user.held
    assert (len(held.strikes), len(held.past), len(held.bounced)) == (STRIKES, PAST, BOUNCED)
    assert (len(held.ordered), len(held.orders), held.violations) == (RESTRICTIONS, ORDERS, 500)
    assert len(msgspec.msgpack.encode(held)) < 40_000


def test_what_has_ended_is_taken_back_when_it_is_looked_at_and_the_history_stays() -> None:
    user = users(rules(strikes={"expire": "1d"}), verdict("m1"))
    assert not is_stale(user.held, NOON + DAY - 1)
    assert is_stale(user.held, NOON + DAY)
    step = aged(user.held, NOON + DAY)
    assert step.state is not None
    assert (step.retracted, step.state.violations, step.state.strikes) == (True, 1, ())
    assert not is_stale(step.state, NOON + 2 * DAY)


def test_a_user_of_whom_nothing_holds_is_forgotten_after_a_year() -> None:
    flagged = users(rules(), verdict("m1", line(action="flag"))).held
    assert not is_stale(flagged, NOON + REMEMBERED_MS)
    assert aged(flagged, NOON + REMEMBERED_MS + 1).state is None
    trusted = users(rules(), order("o1", "trust")).held
    assert not is_stale(trusted, NOON + 10 * REMEMBERED_MS)


ORDERED = st.builds(
    StandingOrder,
    user_id=st.just("u"),
    order_id=st.sampled_from([f"o{number}" for number in range(6)]),
    order=st.sampled_from(("restrict", "release", "trust", "distrust", "withdraw")),
    at=st.integers(NOON, NOON + DAY),
    by=st.just("ada"),
    restriction=st.sampled_from((None, "mute", "restrict")),
    until=st.none() | st.integers(NOON, NOON + 2 * DAY),
    content_id=st.sampled_from([f"m{number}" for number in range(8)]),
)
JUDGED = st.builds(
    lambda number, label, action, at, previous: verdict(f"m{number}", line(label, action), at=at, previous=previous),
    st.integers(0, 7),
    st.sampled_from(("scam", "spam", "pii")),
    st.sampled_from([action for action in ACTIONS if action not in {"allow", "mask", "mask_flag"}]),
    st.integers(NOON, NOON + DAY),
    st.sampled_from((None, "m0", "m1")),
)
HISTORIES = st.lists(JUDGED | ORDERED, max_size=15)
GIVEN = rules(strikes={"labels": {"scam": 2}, "expire": {"default": "12h", "scam": "1d"}}, ladder=LADDER, leniency={})


@given(HISTORIES)
def test_the_same_history_gives_the_same_standing_and_decisions(history: list[Verdict | StandingOrder]) -> None:
    first, second = users(GIVEN, *history), users(GIVEN, *history)
    assert (first.state, first.decisions) == (second.state, second.decisions)


@given(HISTORIES)
def test_one_decision_comes_of_each_verdict_under_the_id_it_had(history: list[Verdict | StandingOrder]) -> None:
    judged = [record.decision.decision_id for record in history if isinstance(record, Verdict)]
    assert [made.decision_id for made in users(GIVEN, *history).decisions] == judged


@given(HISTORIES)
def test_no_decision_ends_in_an_action_that_only_says_what_may_come(history: list[Verdict | StandingOrder]) -> None:
    assert not {"bounce_flag", "bounce_block"}.intersection(users(GIVEN, *history).actions)


@given(HISTORIES, st.data())
def test_orders_that_come_again_change_nothing(history: list[Verdict | StandingOrder], data: st.DataObject) -> None:
    user = users(GIVEN, *history)
    if user.state is None:
        return
    orders = [record for record in history if isinstance(record, StandingOrder)]
    again = data.draw(st.permutations(orders))
    assert users_from(user, *again).state == user.state


def users_from(user: User, *records: Verdict | StandingOrder) -> User:
    """Return another user with the same past."""
    other = User(user.rules)
    other.state, other.now = user.state, user.now
    return other.after(*records)


@given(HISTORIES)
def test_withdrawing_the_last_strike_undoes_exactly_what_it_did(history: list[Verdict | StandingOrder]) -> None:
    before = users(GIVEN, *history)
    struck = users_from(before, verdict("last", at=before.now))
    after = users_from(struck, order("undo", "withdraw", at=before.now, content_id="last"))
    known = before.state or StandingState("u")
    assert (weight(after.held), after.held.rungs) == (
        weight(folded_now(known, before.now)),
        folded_now(known, before.now).rungs,
    )
    assert after.held.violations == known.violations


def folded_now(state: StandingState, now: int) -> StandingState:
    """Return a state as a record that says nothing of it finds it."""
    found = folded(state, order("look", "withdraw", at=now), GIVEN, now).state
    assert found is not None
    return found


@given(st.lists(JUDGED, max_size=12))
def test_withdrawing_every_content_leaves_no_strike_and_no_restriction(history: list[Verdict]) -> None:
    user = users(GIVEN, *history)
    every = [order(f"w{number}", "withdraw", content_id=f"m{number}", at=user.now) for number in range(8)]
    if user.after(*every).state is not None:
        assert (user.held.strikes, user.held.rungs, user.held.violations) == ((), (), 0)


@given(HISTORIES)
def test_what_is_published_is_the_standing_while_anything_of_it_holds(history: list[Verdict | StandingOrder]) -> None:
    user, published = User(GIVEN), None
    for record in history:
        step = user.after(record).steps[-1]
        published = None if step.retracted else step.standing or published
        assert user.held.published == (published is not None)
        if published is not None:
            assert msgspec.structs.replace(published, at=0) == msgspec.structs.replace(standing_of(user.held), at=0)


@pytest.mark.parametrize("sequence", list(permutations(("restrict", "release", "trust", "withdraw"), 3)))
def test_orders_come_in_any_sequence(sequence: tuple[Order, ...]) -> None:
    orders = [order(f"o{place}", what, content_id="m1") for place, what in enumerate(sequence)]
    user = users(CLIMB, *strikes(3), *orders)
    released = "release" in sequence and "restrict" not in sequence[sequence.index("release") :]
    assert bool(user.held.ordered) == ("restrict" in sequence and not released)
    assert bool(user.held.rungs) == ("release" not in sequence and "withdraw" not in sequence)
    assert weight(user.held) == 3 - ("withdraw" in sequence)
    assert user.held.trusted == (True if "trust" in sequence else None)


def test_the_author_of_a_decision_that_changed_is_told_what_became_of_it() -> None:
    notices = {"en": {"default": "It is against the rules.", "spam": "No advertising."}}
    bouncing = verdict("m1", line("spam", "bounce_block"), notice={"en": "as judged"})
    step = folded(None, bouncing, rules(leniency={"first": "flag"}), NOON, notices)
    assert step.decision is not None
    assert (step.decision.action, step.decision.notice) == ("flag", None)
    step = folded(None, bouncing, rules(), NOON, notices)
    assert step.decision is not None
    assert step.decision.notice == {"en": "No advertising."}
    blocked = folded(None, verdict("m1", notice={"en": "as judged"}), rules(), NOON, notices).decision
    assert blocked is not None
    assert blocked.notice == {"en": "as judged"}
