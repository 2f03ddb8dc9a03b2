import pytest

from streams.core.granting import covers
from streams.core.rights import Grant

EVERYWHERE = Grant("admin")
SHOP = Grant("admin", tenants=("shop",))
SCAMS = Grant("admin", labels=("scam", "spam"))


@pytest.mark.parametrize(
    ("held", "given", "may"),
    [
        (EVERYWHERE, Grant("admin"), True),
        (EVERYWHERE, Grant("moderator", tenants=("a",), labels=("b",)), True),
        (SHOP, Grant("senior", tenants=("shop",)), True),
        (SHOP, Grant("senior", tenants=("shop", "bank")), False),
        (SHOP, Grant("auditor"), False),
        (SHOP, Grant("auditor", labels=("scam",)), False),
        (SCAMS, Grant("moderator", labels=("scam",)), True),
        (SCAMS, Grant("moderator", tenants=("shop",), labels=("scam",)), True),
        (SCAMS, Grant("moderator", labels=("drugs",)), False),
        (Grant("senior"), Grant("moderator"), False),  # without the right to give any
    ],
)
def test_nobody_gives_what_he_lacks(held: Grant, given: Grant, may: bool) -> None:  # noqa: FBT001  a row of the table
    assert covers([held], [given]) is may


def test_each_grant_lies_within_one_that_is_held() -> None:
    assert covers([SHOP, SCAMS], [Grant("moderator", tenants=("shop",)), Grant("moderator", labels=("spam",))])
    assert not covers([SHOP, SCAMS], [Grant("moderator", tenants=("shop", "bank"))])


def test_nothing_may_be_given_by_anybody() -> None:
    assert covers([], [])
