import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.action import ACTIONS, MASKING, REVIEWED, Action, action_named, strongest


def test_nine_actions_from_weakest_to_strongest() -> None:
    assert ACTIONS == (
        "allow",
        "flag",
        "mask",
        "mask_flag",
        "bounce",
        "bounce_flag",
        "bounce_block",
        "shadow_block",
        "block",
    )


@pytest.mark.parametrize(
    ("spelling", "action"),
    [("keep", "allow"), ("remove", "block"), ("shadow", "shadow_block"), ("bounce_remove", "bounce_block")],
)
def test_other_spellings_are_read(spelling: str, action: Action) -> None:
    assert action_named(spelling) == action


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_its_own_spelling(action: Action) -> None:
    assert action_named(action) == action


@pytest.mark.parametrize("spelling", ["", "Block", "delete", "mask-flag"])
def test_an_unknown_action_is_refused_with_the_known_ones(spelling: str) -> None:
    with pytest.raises(ValueError, match=r"one of allow, flag, .*bounce_remove"):
        action_named(spelling)


@given(st.lists(st.sampled_from(ACTIONS)))
def test_the_strongest_action_is_the_last_in_the_order(actions: list[Action]) -> None:
    found = strongest(actions)
    assert found in actions or (found == "allow" and not actions)
    assert all(ACTIONS.index(action) <= ACTIONS.index(found) for action in actions)


def test_what_masks_and_what_is_reviewed() -> None:
    assert {"mask", "mask_flag"} == MASKING
    assert {"flag", "mask_flag", "bounce_flag", "bounce_block", "shadow_block", "block"} == REVIEWED
