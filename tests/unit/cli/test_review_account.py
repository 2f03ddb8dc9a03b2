"""Accounts and tokens from the command line, on a database of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streams.core.audit import body_read
from streams.core.rights import Grant
from streams.store import accounts, tokens
from streams.store.auditing import newest
from streams.store.database import Database
from streams.store.passwords import Passwords
from tests.unit.cli.conftest import Ran

Account = Callable[..., Ran]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the URL of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'review.db'}"


@pytest.fixture
def review(moderation: Callable[..., Ran], url: str) -> Account:
    """Return what runs `moderation review` with that database."""
    return lambda *arguments: moderation("review", *arguments, env={"MODERATION_REVIEW_DATABASE": url})


def told(url: str) -> list[tuple[str, str | None]]:
    """Return what the audit log has, oldest first."""
    database = Database(url)
    with database.reading() as connection:
        bodies = [body_read(one.body) for one in newest(connection, "accounts", 10)]
    database.close()
    return [(body.act, body.to) for body in reversed(bodies)]


def test_an_account_is_made_listed_changed_and_disabled(review: Account, url: str) -> None:
    made = review("account", "add", "ada", "--role", "senior", "--tenant", "shop", "--tenant", "", "--json")
    assert made.code == 0, made.err
    (listed,) = review("account", "list", "--json").lines
    assert (listed["account"], listed["disabled"]) == ("ada", False)
    assert listed["grants"] == [{"role": "senior", "tenants": ["shop", ""]}]
    assert review("account", "disable", "ada").out == "ada is disabled\n"
    again = review("account", "password", "ada", "--json")
    database = Database(url)
    with database.reading() as connection:
        account = accounts.named(connection, "ada")
    database.close()
    assert account is not None
    assert not account.disabled
    assert Passwords().right(account.password, again.lines[0]["password"])
    assert account.grants == (Grant("senior", ("shop", "")),)
    assert told(url) == [("account_made", "ada"), ("account_changed", "ada"), ("account_changed", "ada")]


def test_a_token_opens_what_its_account_may(review: Account, url: str) -> None:
    review("account", "add", "ada")
    secret = review("token", "nightly", "--account", "ada", "--json").lines[0]["token"]
    database = Database(url)
    with database.reading() as connection:
        shown = tokens.found(connection, secret, 0)
    database.close()
    assert shown is not None
    assert (shown.account, shown.grants) == ("ada", (Grant("moderator"),))
    assert told(url)[-1] == ("token_made", "ada")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("account", "add", "Ada"), 2, "no name"),
        (("account", "add", "nobody"), 2, "no name"),
        (("account", "disable", "bob"), 1, "there is no account bob"),
        (("account", "password", "bob"), 1, "there is no account bob"),
        (("token", "t", "--account", "bob"), 1, "there is no account bob"),
        (("token", "t"), 2, "--account"),
    ],
)
def test_what_cannot_be_done_is_one_line(review: Account, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = review(*arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (code, "", 1)
    assert said in ran.err


def test_an_account_is_not_made_twice(review: Account) -> None:
    review("account", "add", "ada")
    ran = review("account", "add", "ada")
    assert ran.code == 1
    assert "there is an account ada already" in ran.err


def test_a_database_that_is_none_is_one_line(moderation: Callable[..., Ran]) -> None:
    ran = moderation("review", "account", "list", env={"MODERATION_REVIEW_DATABASE": "mysql://secret@host/name"})
    assert (ran.code, len(ran.err.splitlines())) == (78, 1)
    assert "secret" not in ran.err
