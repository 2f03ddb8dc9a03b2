from typing import Any

import pytest
from pydantic import ValidationError

from streams.core.exemption import Exempt, Exemption
from streams.core.restriction import Standing, Strike
from tests.unit.core.given import NOON, facts

DAY = 86_400_000


def exempt(**keys: Any) -> Exempt:
    return Exemption.model_validate(keys).compiled()


def standing(*strikes: Strike, trusted: bool | None = None) -> Standing:
    return Standing("u", NOON, strikes, trusted=trusted)


def test_all_keys_of_an_entry_must_hold() -> None:
    both = exempt(role="admin", trusted=True)
    assert both.holds(facts(role="admin", trusted=True))
    assert not both.holds(facts(role="admin"))
    assert not both.holds(facts(trusted=True))
    assert not both.holds(facts())


def test_a_user_is_exempt_by_id() -> None:
    assert exempt(user="u").holds(facts())
    assert not exempt(user="v").holds(facts())


@pytest.mark.parametrize(("age", "holds"), [(365 * DAY, True), (365 * DAY - 1, False), (-1, False)])
def test_an_account_is_old_from_the_day_on(age: int, *, holds: bool) -> None:
    assert exempt(min_age_days=365).holds(facts(user_created_at=NOON - age)) is holds


def test_an_account_whose_age_nobody_said_is_not_old() -> None:
    assert not exempt(min_age_days=1).holds(facts())


def test_strikes_count_until_they_expire() -> None:
    none = exempt(max_strikes=0)
    assert none.holds(facts())
    assert none.holds(facts(standing=standing(Strike("m0", "scam", NOON - 10, until=NOON))))
    assert not none.holds(facts(standing=standing(Strike("m0", "scam", NOON - 10, until=NOON + 1))))
    assert exempt(max_strikes=3).holds(facts(standing=standing(Strike("m0", "scam", NOON, weight=3))))
    assert not exempt(max_strikes=2).holds(facts(standing=standing(Strike("m0", "scam", NOON, weight=3))))


def test_what_a_person_ordered_beats_the_word_of_the_platform() -> None:
    trusted = exempt(trusted=True)
    assert trusted.holds(facts(trusted=True, standing=standing()))
    assert not trusted.holds(facts(trusted=True, standing=standing(trusted=False)))
    assert trusted.holds(facts(trusted=False, standing=standing(trusted=True)))


def test_labels_limit_what_is_lifted() -> None:
    some = exempt(role="admin", labels=["scam", "spam"], except_labels=["spam"])
    assert [label for label in ("scam", "spam", "pii") if some.lifts(label)] == ["scam"]
    assert not some.whole
    assert not exempt(role="admin", except_labels=["child_safety"]).whole
    assert exempt(role="admin").whole


@pytest.mark.parametrize("keys", [{}, {"labels": ["scam"]}, {"trusted": False}, {"min_age_days": 0}, {"rôle": "admin"}])
def test_an_exemption_of_nobody_or_everybody_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Exemption.model_validate(keys)


def test_an_exemption_says_why() -> None:
    given = exempt(role="admin", trusted=True, user="u", min_age_days=30, max_strikes=1)
    assert str(given) == "role admin, trusted author, this user, account of 30 days or more, at most 1 strikes"
