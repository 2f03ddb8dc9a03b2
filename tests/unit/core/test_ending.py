from typing import Any

import pytest

from streams.core.action import Action
from streams.core.ending import Ending, ended
from streams.core.restriction import Violation
from streams.core.standing_rules import NO_RULES, StandingRules
from streams.core.standing_state import Bounced, StandingState
from streams.core.verdict import Verdict
from tests.unit.core.given import NOON
from tests.unit.core.standings import line, rules, verdict

NOBODY = StandingState("u")
KNOWN = StandingState("u", violations=1, past=(Violation("m0", "spam", "flag", NOON),))
BOUNCED = StandingState("u", violations=1, bounced=(Bounced("m1", NOON),))


def end(state: StandingState, given: Verdict, by: StandingRules | None = None) -> Ending:
    return ended(state, given, by or rules())


@pytest.mark.parametrize("action", ["flag", "mask_flag", "shadow_block", "block"])
def test_without_a_history_that_matters_a_verdict_ends_as_it_was_judged(action: Action) -> None:
    found = end(KNOWN, verdict("m1", line(action=action), masked_text="****"))
    assert (found.action, found.label, found.reasons, found.consequences) == (action, "scam", (), ())


@pytest.mark.parametrize("action", ["bounce", "bounce_flag", "bounce_block"])
def test_what_bounces_is_returned_the_first_time(action: Action) -> None:
    found = end(KNOWN, verdict("m1", line(action=action)))
    assert (found.action, found.striking, found.resubmission_of) == ("bounce", (), None)
    assert found.reasons == ("returned to be revised",)


@pytest.mark.parametrize("named", ["resubmits", "previous"])
@pytest.mark.parametrize(
    ("action", "end_of_it", "striking"),
    [("bounce", "bounce", ()), ("bounce_flag", "flag", ()), ("bounce_block", "block", ("scam",))],
)
def test_what_replaces_a_bounced_content_and_still_violates_ends_by_its_second_word(
    action: Action, end_of_it: Action, striking: tuple[str, ...], named: str
) -> None:
    more: dict[str, Any] = {named: "m1"}
    found = end(BOUNCED, verdict("m2", line(action=action), **more))
    assert (found.action, found.resubmission_of, found.striking) == (end_of_it, "m1", striking)
    assert [each.kind for each in found.consequences] == ["resubmission"]


def test_what_is_judged_otherwise_is_a_resubmission_all_the_same() -> None:
    found = end(BOUNCED, verdict("m2", line(action="flag"), resubmits="m1"))
    assert (found.action, found.resubmission_of) == ("flag", "m1")


def test_a_content_that_was_not_bounced_is_not_replaced() -> None:
    found = end(BOUNCED, verdict("m3", line(action="bounce_block"), resubmits="m2", previous="m0"))
    assert (found.action, found.resubmission_of) == ("bounce", None)


def test_a_content_does_not_replace_itself() -> None:
    assert end(BOUNCED, verdict("m1", line(action="bounce_block"), resubmits="m1")).action == "bounce"


def test_what_it_names_goes_before_what_came_before_it() -> None:
    state = StandingState("u", bounced=(Bounced("m1", NOON), Bounced("m2", NOON)))
    assert end(state, verdict("m3", line(action="bounce_flag"), resubmits="m1", previous="m2")).resubmission_of == "m1"


LENIENT = rules(leniency={"first": "flag"})


def test_the_first_violation_is_softened_and_no_strike() -> None:
    found = end(NOBODY, verdict("m1"), LENIENT)
    assert (found.action, found.label, found.striking) == ("flag", "scam", ())
    assert found.reasons == ("softened to flag: a first violation",)
    assert [each.kind for each in found.consequences] == ["lenient"]


@pytest.mark.parametrize(
    "given",
    [
        verdict("m1", line("child_safety")),
        verdict("m1", line("scam"), line("terrorism", "flag")),
        verdict("m1", line("scam", severity="critical"), severity="critical"),
        verdict("m1", partial=True),
    ],
)
def test_what_is_excepted_critical_or_judged_without_an_answer_is_never_softened(given: Verdict) -> None:
    found = end(NOBODY, given, rules(leniency={"first": "flag"}, trusted={}))
    assert (found.action, found.consequences) == ("block", ())
    assert found.striking


def test_a_second_violation_is_not_softened() -> None:
    assert end(KNOWN, verdict("m1"), LENIENT).action == "block"


def test_a_first_violation_that_is_mild_already_stays_as_it_is() -> None:
    found = end(NOBODY, verdict("m1", line(action="flag")), LENIENT)
    assert (found.action, found.consequences) == ("flag", ())


def test_a_first_violation_may_be_returned_for_revision_instead() -> None:
    found = end(NOBODY, verdict("m1"), rules(leniency={"first": "bounce_block"}))
    assert (found.action, found.striking) == ("bounce", ())


def test_a_softened_decision_still_hides_what_is_to_be_masked() -> None:
    lines = (line("scam", "block"), line("pii", "mask"))
    found = end(NOBODY, verdict("m1", *lines, masked_text="call ****"), LENIENT)
    assert (found.action, found.masked_text) == ("mask_flag", "call ****")


def test_nothing_is_softened_where_the_masked_text_is_not_known() -> None:
    assert end(NOBODY, verdict("m1", line("scam", "block"), line("pii", "mask")), LENIENT).action == "block"


def test_a_resubmission_that_ends_as_a_flag_hides_what_is_to_be_masked() -> None:
    lines = (line("profanity", "bounce_flag"), line("pii", "mask"))
    assert end(BOUNCED, verdict("m2", *lines, resubmits="m1", masked_text="****")).action == "mask_flag"
    assert end(BOUNCED, verdict("m2", *lines, resubmits="m1")).action == "bounce"


def test_a_decision_that_masks_nothing_carries_no_text() -> None:
    assert end(KNOWN, verdict("m1", line("scam"), line("pii", "mask"), masked_text="****")).masked_text is None


TRUSTING = rules(trusted={"labels": ["profanity"]})


def test_trusted_authors_are_spared_for_the_labels_that_the_policy_names() -> None:
    found = end(KNOWN, verdict("m1", line("profanity"), trusted=True), TRUSTING)
    assert (found.action, found.striking, found.label) == ("flag", (), "profanity")
    assert found.reasons == ("softened to flag: a trusted author",)
    both = end(KNOWN, verdict("m1", line("scam"), line("profanity"), trusted=True), TRUSTING)
    assert (both.action, both.striking) == ("block", ("scam",))


@pytest.mark.parametrize(
    ("platform", "ordered", "action"),
    [
        (True, None, "flag"),
        (False, None, "block"),
        (None, None, "block"),
        (False, True, "flag"),
        (True, False, "block"),
    ],
)
def test_an_order_goes_before_the_word_of_the_platform(
    *, platform: bool | None, ordered: bool | None, action: str
) -> None:
    state = StandingState("u", trusted=ordered, violations=1)
    assert end(state, verdict("m1", line("profanity"), trusted=platform), TRUSTING).action == action


MUTED = line("restricted_user", "block", engine="standing", rule="muted")


def test_a_restriction_alone_is_no_violation() -> None:
    found = end(KNOWN, verdict("m1", MUTED))
    assert (found.action, found.label, found.striking) == ("block", None, ())


def test_what_a_restricted_user_violates_beside_counts_as_it_would_have() -> None:
    flagged = end(KNOWN, verdict("m1", MUTED, line("spam", "flag")))
    assert (flagged.action, flagged.label, flagged.striking) == ("block", "spam", ())
    blocked = end(KNOWN, verdict("m1", MUTED, line("scam", "block")))
    assert (blocked.action, blocked.striking) == ("block", ("scam",))


def test_leniency_lifts_no_restriction() -> None:
    assert end(NOBODY, verdict("m1", MUTED, line("scam")), LENIENT).action == "block"


def test_an_engine_that_failed_is_no_violation() -> None:
    found = end(NOBODY, verdict("m1", line(), action="flag", partial=True), LENIENT)
    assert (found.label, found.striking) == (None, ())


def test_a_line_that_an_exemption_lifted_is_no_violation() -> None:
    found = end(KNOWN, verdict("m1", line("scam", "block"), line("spam", "flag"), action="flag"))
    assert (found.action, found.label, found.striking) == ("flag", "spam", ())


def test_a_policy_without_the_section_bounces_and_counts_nothing() -> None:
    found = end(BOUNCED, verdict("m2", line(action="bounce_block"), resubmits="m1"), NO_RULES)
    assert (found.action, found.striking) == ("block", ())
