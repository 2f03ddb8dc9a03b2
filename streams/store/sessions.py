"""Sessions: what a browser shows in, who is signed in out. The store holds digests: who reads it can sign in nowhere.

A session ends when nobody used it for a while, when it is too old, and when its account is disabled or signs out.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from streams.core.rights import Grant
from streams.store.accounts import grants_of
from streams.store.tables import account as accounts
from streams.store.tables import session

BYTES: Final = 32  # 256 bits: nobody guesses one
SEEN_MS: Final = 60_000  # how exactly it is noted when a session was last used


@dataclass(frozen=True)
class Session:
    """An open session, with what its account may as of now."""

    digest: str
    account: str
    grants: tuple[Grant, ...]
    csrf: str  # what its pages show with each change
    stale: bool  # it is time to note that it was used: `seen`


def digest_of(cookie: str) -> str:
    """Return the 64 hexadecimal digits under which the store knows what a browser holds."""
    return sha256(cookie.encode()).hexdigest()


def opened(connection: Connection, account: str, longest_ms: int, now: int) -> str:
    """Open a session for an account, at most `longest_ms` long; return what its browser is to hold."""
    cookie = secrets.token_urlsafe(BYTES)
    row = {
        "digest": digest_of(cookie),
        "account": account,
        "csrf": secrets.token_hex(BYTES),
        "created_at": now,
        "seen_at": now,
        "expires_at": now + longest_ms,
    }
    connection.execute(insert(session).values(row))
    return cookie


def found(connection: Connection, cookie: str, idle_ms: int, now: int) -> Session | None:
    """Return the open session that a browser shows; None where there is none, or its account is disabled."""
    return open_of(connection, digest_of(cookie), idle_ms, now)


def open_of(connection: Connection, digest: str, idle_ms: int, now: int) -> Session | None:
    """Return the open session with a digest; None where there is none, or its account is disabled."""
    row = connection.execute(
        select(session.c.account, session.c.csrf, session.c.seen_at, accounts.c.grants)
        .join(accounts, accounts.c.name == session.c.account)
        .where(session.c.digest == digest)
        .where(session.c.expires_at > now, session.c.seen_at > now - idle_ms)
        .where(accounts.c.disabled.is_(False))
    ).one_or_none()
    if row is None:
        return None
    csrf = hmac.new(bytes.fromhex(row.csrf), digest.encode(), sha256).hexdigest()
    return Session(digest, row.account, grants_of(row.grants), csrf, row.seen_at <= now - SEEN_MS)


def seen(connection: Connection, digest: str, now: int) -> None:
    """Note that a session was used."""
    connection.execute(update(session).where(session.c.digest == digest).values(seen_at=now))


def ended(connection: Connection, digest: str) -> None:
    """End a session; nothing happens where it has ended."""
    connection.execute(delete(session).where(session.c.digest == digest))


def ended_of(connection: Connection, account: str, but: str = "") -> None:
    """End all sessions of an account but the one with a digest."""
    connection.execute(delete(session).where(session.c.account == account, session.c.digest != but))


def swept(connection: Connection, idle_ms: int, now: int) -> int:
    """Remove sessions that have ended by themselves; return how many."""
    over = or_(session.c.expires_at <= now, session.c.seen_at <= now - idle_ms)
    return connection.execute(delete(session).where(over)).rowcount
