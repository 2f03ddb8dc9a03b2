"""API tokens: what a program shows in, the account behind it out. The store holds digests only."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from streams.core.rights import Grant
from streams.store.accounts import grants_of
from streams.store.tables import account as accounts
from streams.store.tables import token

PREFIX: Final = "mst_"  # so that one that leaked can be found by its form
BYTES: Final = 32
SEEN_MS: Final = 60_000  # how exactly it is noted when a token was last used


@dataclass(frozen=True)
class Shown:
    """What a token says of who shows it."""

    id: int
    account: str
    grants: tuple[Grant, ...]
    stale: bool  # it is time to note that it was used: `used`


@dataclass(frozen=True)
class Token:
    """A token as a list shows it: without what opens the door."""

    id: int
    account: str
    name: str
    created_at: int  # milliseconds since 1970, as the others
    used_at: int | None
    expires_at: int | None


def made(connection: Connection, account: str, name: str, expires_at: int | None, now: int) -> tuple[Token, str]:
    """Make a token for an account; return it and what its program is to show, which is told this once."""
    secret = PREFIX + secrets.token_urlsafe(BYTES)
    row = {"account": account, "name": name, "created_at": now, "expires_at": expires_at}
    added = connection.execute(insert(token).values(row | {"digest": _digest(secret)}).returning(token.c.id))
    return Token(added.scalar_one(), account, name, now, None, expires_at), secret


def found(connection: Connection, secret: str, now: int) -> Shown | None:
    """Return who shows a token; None for one that is unknown or has expired, or whose account is disabled."""
    row = connection.execute(
        select(token.c.id, token.c.account, token.c.used_at, accounts.c.grants)
        .join(accounts, accounts.c.name == token.c.account)
        .where(token.c.digest == _digest(secret))
        .where(or_(token.c.expires_at.is_(None), token.c.expires_at > now))
        .where(accounts.c.disabled.is_(False))
    ).one_or_none()
    if row is None:
        return None
    return Shown(row.id, row.account, grants_of(row.grants), (row.used_at or 0) <= now - SEEN_MS)


def used(connection: Connection, token_id: int, now: int) -> None:
    """Note that a token was used."""
    connection.execute(update(token).where(token.c.id == token_id).values(used_at=now))


def listed(connection: Connection, account: str | None) -> list[Token]:
    """Return the tokens of one account, or of all, oldest first."""
    query = select(token).order_by(token.c.id)
    if account is not None:
        query = query.where(token.c.account == account)
    return [
        Token(row.id, row.account, row.name, row.created_at, row.used_at, row.expires_at)
        for row in connection.execute(query)
    ]


def withdrawn(connection: Connection, token_id: int, account: str | None) -> bool:
    """Remove a token, of one account or of any; return False where there is no such."""
    query = delete(token).where(token.c.id == token_id)
    if account is not None:
        query = query.where(token.c.account == account)
    return connection.execute(query).rowcount > 0


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
