"""Accounts and API tokens of the review service, by whoever has its database: names in, passwords told once out."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from streams.cli.failure import FAILED, Failure
from streams.core.rights import ROLES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from streams.core.rights import Grant, Role
    from streams.store.accounts import Account

PASSWORD_BYTES: Final = 18
DAY: Final = 86_400_000  # milliseconds

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def account() -> None:
    """Make, list, change and disable accounts in MODERATION_REVIEW_DATABASE."""


def granting(command: F) -> F:
    """Add what says what an account may do."""
    for option in (
        click.option("--label", "labels", multiple=True, help="Only items with this label; several are alternatives."),
        click.option("--tenant", "tenants", multiple=True, help="Only content of this tenant; several as well."),
        click.option("--role", type=click.Choice(ROLES), default="moderator", show_default=True),
        click.argument("name"),
    ):
        command = option(command)
    return command


@account.command()
@granting
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(name: str, role: "Role", tenants: tuple[str, ...], labels: tuple[str, ...], as_json: bool) -> None:
    """Make the account NAME and print its password, this once."""
    from streams.core.rights import Grant
    from streams.store import accounts
    from streams.store.passwords import Passwords

    if not accounts.valid(name):
        raise click.UsageError(f"{name} is no name: small letters, digits and . _ @ + -, and no word of filters")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    kept = Passwords().hashed(password)
    grants = (Grant(role, tenants or None, labels or None),)
    with _store() as (connection, now):
        try:
            accounts.made(connection, name, grants, now, password=kept)
        except accounts.Taken:
            raise Failure(f"there is an account {name} already: see `moderation review account list`", FAILED) from None
        _noted(connection, "account_made", name, now)
    _print({"account": name, "password": password}, as_json=as_json)


@account.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_accounts(as_json: bool) -> None:
    """Print all accounts and what each may do."""
    import msgspec

    from streams.cli.topics import table
    from streams.core.moment import iso
    from streams.store import accounts

    with _store() as (connection, _):
        found = accounts.listed(connection)
    if as_json:
        for one in found:
            told = {"account": one.name, "grants": one.grants, "disabled": one.disabled, "created_at": one.created_at}
            print(msgspec.json.encode(told).decode())
    elif found:
        table(
            [
                {
                    "account": one.name,
                    "may": "; ".join(_granted(grant) for grant in one.grants) or "nothing",
                    "signs in by": _ways(one),
                    "made": iso(one.created_at),
                    "": "disabled" if one.disabled else "",
                }
                for one in found
            ]
        )
    else:
        print("there is no account: `moderation review serve` makes the first one")


@account.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let NAME not sign in any more; who is signed in is out at once."""
    from streams.store import accounts, sessions

    with _store() as (connection, now):
        _there(connection, name)
        accounts.changed(connection, name, disabled=True)
        sessions.ended_of(connection, name)
        _noted(connection, "account_changed", name, now)
    print(f"{name} is disabled")


@account.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def password(name: str, as_json: bool) -> None:
    """Give NAME a new password, print it this once, and let NAME sign in again."""
    from streams.store import accounts, sessions
    from streams.store.passwords import Passwords

    new = secrets.token_urlsafe(PASSWORD_BYTES)
    kept = Passwords().hashed(new)
    with _store() as (connection, now):
        _there(connection, name)
        accounts.changed(connection, name, password=kept, disabled=False)
        sessions.ended_of(connection, name)
        _noted(connection, "account_changed", name, now)
    _print({"account": name, "password": new}, as_json=as_json)


@click.command()
@click.argument("name")
@click.option("--account", "owner", required=True, help="Whose rights it has.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it opens.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def token(name: str, owner: str, days: int, as_json: bool) -> None:
    """Make an API token, NAME says what for, and print it this once."""
    from streams.store import tokens

    with _store() as (connection, now):
        _there(connection, owner)
        made, secret = tokens.made(connection, owner, name, now + days * DAY, now)
        _noted(connection, "token_made", owner, now, token=made.id)
    _print({"account": owner, "token": secret}, as_json=as_json)


@contextmanager
def _store() -> "Iterator[tuple[Connection, int]]":
    """Give a transaction on the database of the settings, which gets its tables first, and the time."""
    from streams.settings import Settings
    from streams.store.database import Database
    from streams.store.migrate import migrated

    database = Database(Settings().review_database.get_secret_value())
    try:
        migrated(database)
        with database.writing() as connection:
            yield connection, time.time_ns() // 1_000_000
    finally:
        database.close()


def _there(connection: "Connection", name: str) -> None:
    from streams.store import accounts

    if accounts.named(connection, name) is None:
        raise Failure(f"there is no account {name}: see `moderation review account list`", FAILED)


def _noted(connection: "Connection", what: str, name: str, now: int, **more: int) -> None:
    """Put it into the audit log, in the name of who runs this command."""
    from streams.cli.policy_apply import who
    from streams.core.audit import Event
    from streams.store.auditing import append

    append(
        connection, "accounts", Event(act=what, by=f"command line of {who(None, None).by}", to=name, more={**more}), now
    )


def _granted(grant: "Grant") -> str:
    limits = [f"{name} {', '.join(of)}" for name, of in (("tenants", grant.tenants), ("labels", grant.labels)) if of]
    return " of ".join([grant.role, *limits[:1]]) + "".join(f" and {one}" for one in limits[1:])


def _ways(one: "Account") -> str:
    return ", ".join(way for way, kept in (("password", one.password), ("issuer", one.subject)) if kept)


def _print(told: dict[str, str], *, as_json: bool) -> None:
    import msgspec

    if as_json:
        print(msgspec.json.encode(told).decode())
        return
    (_, owner), (what, secret) = told.items()
    print(f"{what} of {owner}, shown this once: {secret}")
