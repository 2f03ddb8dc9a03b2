"""Which version is in force next, and which can be gone back to."""

import pytest

from streams.core.applying import (
    MOST_HISTORY,
    Impossible,
    in_force,
    kept,
    policy_named,
    version_before,
    version_named,
)
from streams.core.policy import PolicyRef
from streams.core.published import Applied, InForce


def applied(*versions: str) -> InForce:
    """Return what is in force after versions were applied one after the other."""
    current: InForce | None = None
    for now, version in enumerate(versions):
        current = in_force(current, PolicyRef("chat", version), by="ada", note=None, now=now)
    assert current is not None
    return current


def test_what_was_in_force_goes_to_the_front_of_the_history() -> None:
    assert applied("a", "b").history == (Applied("a", 0, "ada"),)


def test_the_history_has_an_end() -> None:
    current = applied(*(f"v{number}" for number in range(MOST_HISTORY + 10)))

    assert len(current.history) == MOST_HISTORY
    assert current.history[-1].version == "v9"


@pytest.mark.parametrize(("versions", "before"), [(("a", "b"), "a"), (("a", "b", "a"), "b"), (("a", "b", "b"), "a")])
def test_the_version_before_is_another_one(versions: tuple[str, ...], before: str) -> None:
    assert version_before(applied(*versions)) == before


def test_a_first_version_has_none_before_it() -> None:
    with pytest.raises(Impossible, match="chat has had no other version"):
        version_before(applied("a"))


def test_a_version_is_named_by_its_beginning_where_that_is_one() -> None:
    current = applied("abc1", "abd2", "abc1")

    assert version_named(current, "abc") == "abc1"
    for text, why in (("ab", "ab may be abc1 or abd2"), ("x", "has no version x"), ("", "has no version")):
        with pytest.raises(Impossible, match=why):
            version_named(current, text)


def test_what_is_in_force_and_its_history_are_kept() -> None:
    assert kept([applied("a", "b")]) == {PolicyRef("chat", "a"), PolicyRef("chat", "b")}


def test_a_policy_that_is_not_in_force_is_refused_with_those_that_are() -> None:
    with pytest.raises(Impossible, match=r"no policy post is in force \(in force: chat\)"):
        policy_named({"chat": applied("a")}, "post")
