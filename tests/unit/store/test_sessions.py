"""Sessions, tokens and accounts in the store, on both databases."""

import pytest
from argon2 import PasswordHasher

from streams.core.rights import Grant
from streams.store import accounts, sessions, tokens
from streams.store.database import Database
from streams.store.passwords import Passwords

NOW = 1_800_000_000_000
IDLE, LONGEST = 1000, 5000


@pytest.fixture
def made(database: Database) -> Database:
    """Return a store with one account."""
    with database.writing() as connection:
        accounts.made(connection, "ann", (Grant("senior", tenants=("t1",)),), NOW, subject="https://i s")
    return database


def test_a_session_is_found_by_what_its_browser_holds(made: Database) -> None:
    with made.writing() as connection:
        cookie = sessions.opened(connection, "ann", LONGEST, NOW)
        found = sessions.found(connection, cookie, IDLE, NOW)
        assert found is not None
        assert (found.account, found.grants) == ("ann", (Grant("senior", tenants=("t1",)),))
        assert sessions.found(connection, cookie + "x", IDLE, NOW) is None
        assert sessions.found(connection, cookie, IDLE, NOW + IDLE) is None
        sessions.seen(connection, found.digest, NOW + IDLE - 1)
        assert sessions.found(connection, cookie, IDLE, NOW + IDLE) is not None
        assert sessions.swept(connection, IDLE, NOW + IDLE) == 0
        assert sessions.swept(connection, IDLE, NOW + LONGEST) == 1


def test_two_sessions_never_show_the_same(made: Database) -> None:
    with made.writing() as connection:
        cookies = [sessions.opened(connection, "ann", LONGEST, NOW) for _ in range(20)]
        found = [sessions.found(connection, cookie, IDLE, NOW) for cookie in cookies]
    assert len(set(cookies)) == len({one.csrf for one in found if one}) == 20
    assert min(map(len, cookies)) == 43


def test_a_token_opens_until_it_expires_or_is_withdrawn(made: Database) -> None:
    with made.writing() as connection:
        token, secret = tokens.made(connection, "ann", "export", NOW + 10, NOW)
        shown = tokens.found(connection, secret, NOW + 9)
        assert shown is not None
        assert (shown.id, shown.account) == (token.id, "ann")
        tokens.used(connection, token.id, NOW + 9)
        assert tokens.listed(connection, "ann")[0].used_at == NOW + 9
        assert tokens.found(connection, secret, NOW + 10) is None
        assert not tokens.withdrawn(connection, token.id, "bob")
        assert tokens.withdrawn(connection, token.id, "ann")
        assert tokens.found(connection, secret, NOW) is None
        assert tokens.listed(connection, None) == []


def test_an_account_that_is_disabled_opens_nothing(made: Database) -> None:
    with made.writing() as connection:
        cookie = sessions.opened(connection, "ann", LONGEST, NOW)
        _, secret = tokens.made(connection, "ann", "export", None, NOW)
        accounts.changed(connection, "ann", disabled=True)
        assert sessions.found(connection, cookie, IDLE, NOW) is None
        assert tokens.found(connection, secret, NOW) is None
        accounts.changed(connection, "ann", disabled=False, grants=(Grant("auditor"),))
        shown = tokens.found(connection, secret, NOW)
        assert shown is not None
        assert shown.grants == (Grant("auditor"),)


def test_a_name_and_a_subject_are_one_accounts_only(made: Database) -> None:
    with made.writing() as connection:
        for name, subject in (("ann", None), ("bob", "https://i s")):
            with pytest.raises(accounts.Taken):
                accounts.made(connection, name, (), NOW, subject=subject)
        found = accounts.vouched(connection, "https://i s")
        assert found is not None
        assert found.name == "ann"
        assert accounts.vouched(connection, "https://i t") is None


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("ann", True),
        ("a.b+c@d-e_1", True),
        ("Ann", False),
        ("", False),
        ("me", False),
        ("nobody", False),
        ("a b", False),
        ("é", False),
        ("x" * 129, False),
        ("a\n", False),
    ],
)
def test_names_are_plain(name: str, valid: bool) -> None:  # noqa: FBT001  a row of the table
    assert accounts.valid(name) is valid


def test_a_password_is_kept_as_argon2id_with_its_own_salt() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    first, second = passwords.hashed("correct horse"), passwords.hashed("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.right(first, "correct horse")
    assert not passwords.right(first, "wrong horse")
    assert not passwords.right(None, "nobody's password")
    assert not passwords.right("no hash", "x")
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).outdated(first)
    assert not passwords.outdated(first)
