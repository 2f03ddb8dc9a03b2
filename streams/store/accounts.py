"""Accounts: who may sign in, how, and what each may; values in and out, an account is known by its name."""

import re
import secrets
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import Connection, Row, func, insert, select, update

from streams.core.rights import Grant
from streams.store.passwords import Passwords
from streams.store.tables import account

# Small letters only: two accounts that look the same would be two people in the audit log.
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,127}")
RESERVED: Final = frozenset({"nobody", "anybody", "me"})  # words of queue filters
FIRST: Final = "admin"
FIRST_PASSWORD_BYTES: Final = 18

_GRANTS: Final[msgspec.json.Decoder[tuple[Grant, ...]]] = msgspec.json.Decoder(
    Annotated[tuple[Grant, ...], Meta(max_length=50)]
)
_ENCODER: Final = msgspec.json.Encoder()


class Taken(Exception):
    """There is such an account already."""


@dataclass(frozen=True)
class Account:
    """An account as the store has it."""

    name: str
    grants: tuple[Grant, ...]
    disabled: bool
    created_at: int  # milliseconds since 1970
    password: str | None = None  # argon2 hash
    subject: str | None = None  # of OIDC: `subject_of`

    def __repr__(self) -> str:
        """Show the name only."""
        return f"Account({self.name!r})"


def grants_of(kept: str) -> tuple[Grant, ...]:
    """Return the grants that a row keeps as JSON."""
    return _GRANTS.decode(kept)


def subject_of(issuer: str, subject: str) -> str:
    """Return how an account names who its issuer of OIDC vouches for. An issuer holds no white space."""
    return f"{issuer} {subject}"


def valid(name: str) -> bool:
    """Say whether an account can have a name."""
    return NAME.fullmatch(name) is not None and name not in RESERVED


def made(
    connection: Connection,
    name: str,
    grants: tuple[Grant, ...],
    now: int,
    *,
    password: str | None = None,
    subject: str | None = None,
) -> Account:
    """Make an account, with the hash of a password, a subject, or both; raise Taken where either name is in use."""
    same = account.c.name == name
    if subject is not None:
        same |= account.c.subject == subject
    if connection.execute(select(account.c.name).where(same)).first() is not None:
        raise Taken
    connection.execute(
        insert(account).values(
            name=name,
            password=password,
            subject=subject,
            grants=_ENCODER.encode(grants).decode(),
            disabled=False,
            created_at=now,
        )
    )
    return Account(name, grants, disabled=False, created_at=now, password=password, subject=subject)


def named(connection: Connection, name: str) -> Account | None:
    """Return the account with a name, disabled or not; None where there is none."""
    row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    return None if row is None else _account(row)


def vouched(connection: Connection, subject: str) -> Account | None:
    """Return the account of a subject of OIDC, disabled or not; None where there is none."""
    row = connection.execute(select(account).where(account.c.subject == subject)).one_or_none()
    return None if row is None else _account(row)


def listed(connection: Connection) -> list[Account]:
    """Return all accounts by name."""
    return [_account(row) for row in connection.execute(select(account).order_by(account.c.name))]


def changed(
    connection: Connection,
    name: str,
    *,
    grants: tuple[Grant, ...] | None = None,
    disabled: bool | None = None,
    password: str | None = None,
) -> None:
    """Change what is given of an account; the password as its hash."""
    values: dict[str, Any] = {}
    if grants is not None:
        values["grants"] = _ENCODER.encode(grants).decode()
    if disabled is not None:
        values["disabled"] = disabled
    if password is not None:
        values["password"] = password
    if values:
        connection.execute(update(account).where(account.c.name == name).values(values))


def first(connection: Connection, passwords: Passwords, now: int) -> tuple[str, str] | None:
    """Make the first account, an admin of everything, where there is none at all; return its name and password.

    The password is told this once: whoever starts the process prints it. None where there are accounts already.
    """
    if connection.execute(select(func.count()).select_from(account)).scalar_one():
        return None
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    made(connection, FIRST, (Grant("admin"),), now, password=passwords.hashed(password))
    return FIRST, password


def _account(row: Row[Any]) -> Account:
    return Account(row.name, grants_of(row.grants), row.disabled, row.created_at, row.password, row.subject)
