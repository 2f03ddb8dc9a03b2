"""Signing in with a password, signing out, who is signed in, a new password of one's own."""

import hmac
import secrets
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from streams.core.audit import Event
from streams.store import accounts, attempts, sessions
from streams.store.auditing import append
from streams.store.passwords import LONGEST, SHORTEST
from streams.web.encoding import GrantTold, granted
from streams.web.identify import cookie_name, cookie_of, drop_cookie, read_cookie, set_cookie
from streams.web.parts import Given, Parts
from streams.web.problems import Problem, documented
from streams.web.signed import SignedIn

KNOWN_COOKIE: Final = "moderation-known"  # a browser that signed in before
KNOWN_MS: Final = 180 * 86_400_000
KNOWN_BYTES: Final = 16
KNOWN_LONGEST: Final = 40  # characters

router = APIRouter(tags=["sign-in"])

Typed = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Credentials(BaseModel):
    """Who signs in."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    account: Annotated[str, Field(min_length=1, max_length=128)]
    password: Typed


class NewPassword(BaseModel):
    """A change of one's own password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    old: Typed
    new: Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]


class Me(BaseModel):
    """Who is signed in."""

    account: str
    grants: list[GrantTold]
    csrf: str = Field(description="to send as X-CSRF-Token with every change; empty for who came with a bearer token")


@router.post("/api/sign-in", operation_id="signIn", responses=documented(400, 401, 403, 408, 413, 415, 422, 429, 503))
def sign_in(credentials: Credentials, request: Request, response: Response, given: Given) -> Me:
    """Sign in with a password; the session's cookie comes with the answer."""
    now, name = given.clock(), credentials.account
    browser = _known(given, request, name)
    place = attempts.KNOWN + browser if browser else attempts.place_of(_address(request))
    with given.database.writing() as connection:
        wait = attempts.begun(connection, name, place, now)
        account = None if wait else accounts.named(connection, name)
    if wait:
        headers = {"Retry-After": str(-(-wait // 1000))}
        raise Problem(429, "Too many sign-ins failed: wait a little and try again.", headers=headers)
    kept = None if account is None or account.disabled else account.password
    if not given.right(kept, credentials.password):
        if account is not None:
            _noted(given, "sign_in_failed", name)
        raise Problem(401, "Account or password is wrong.", code="wrong_password")
    assert account is not None and kept is not None  # noqa: S101, PT018  its password was right
    with given.database.writing() as connection:
        attempts.succeeded(connection, name, place)
        if given.passwords.outdated(kept):
            accounts.changed(connection, name, password=given.passwords.hashed(credentials.password))
    browser = browser or secrets.token_urlsafe(KNOWN_BYTES)
    set_cookie(response, given, _known_name(given), f"{browser}.{_mark(given, name, browser)}", KNOWN_MS)
    return signed_in(given, request, response, account)


@router.post("/api/sign-out", operation_id="signOut", status_code=204, responses=documented(401, 403, 415, 503))
def sign_out(response: Response, given: Given, signed: SignedIn) -> None:
    """End the session."""
    with given.database.writing() as connection:
        sessions.ended(connection, signed.session)
        append(connection, "accounts", Event(act="sign_out", by=signed.account), given.clock())
    drop_cookie(response, given, cookie_name(given))


@router.get("/api/me", operation_id="me", responses=documented(401, 503))
def me(signed: SignedIn) -> Me:
    """Return who is signed in."""
    return Me(account=signed.account, grants=granted(signed.grants), csrf=signed.csrf)


@router.post(
    "/api/me/password",
    operation_id="changePassword",
    status_code=204,
    responses=documented(401, 403, 408, 413, 415, 422, 429, 503),
)
def change_password(change: NewPassword, given: Given, signed: SignedIn) -> None:
    """Change one's own password; all other sessions of the account end."""
    now, place = given.clock(), attempts.KNOWN + "own"
    with given.database.writing() as connection:
        wait = attempts.begun(connection, signed.account, place, now)
        account = accounts.named(connection, signed.account)
    if wait:
        raise Problem(429, "Too many tries: wait a little.", headers={"Retry-After": str(-(-wait // 1000))})
    if account is None or not given.right(account.password, change.old):
        _noted(given, "password_change_failed", signed.account)
        raise Problem(403, "The old password is wrong.", code="wrong_password")
    kept = given.passwords.hashed(change.new)
    with given.database.writing() as connection:
        attempts.succeeded(connection, signed.account, place)
        accounts.changed(connection, signed.account, password=kept)
        sessions.ended_of(connection, signed.account, but=signed.session)
        append(connection, "accounts", Event(act="password_changed", by=signed.account), now)


def signed_in(given: Parts, request: Request, response: Response, account: accounts.Account) -> Me:
    """Open a new session for an account, in place of the browser's old one: nobody can have planted it."""
    now = given.clock()
    with given.database.writing() as connection:
        if old := cookie_of(given, request.headers):
            sessions.ended(connection, sessions.digest_of(old))
        cookie = sessions.opened(connection, account.name, given.limits.session_longest, now)
        session = sessions.found(connection, cookie, given.limits.session_idle, now)
        if session is not None:
            append(connection, "accounts", Event(act="sign_in", by=account.name), now)
    if session is None:  # the account was disabled a moment ago
        raise Problem(401, "Account or password is wrong.", code="wrong_password")
    set_cookie(response, given, cookie_name(given), cookie, given.limits.session_longest)
    return Me(account=account.name, grants=granted(account.grants), csrf=session.csrf)


def _noted(given: Parts, what: str, account: str) -> None:
    with given.database.writing() as connection:
        append(connection, "accounts", Event(act=what, by=account), given.clock())


def _address(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _known_name(given: Parts) -> str:
    return f"__Host-{KNOWN_COOKIE}" if given.secure else KNOWN_COOKIE


def _mark(given: Parts, account: str, browser: str) -> str:
    return hmac.new(given.secret, f"known\0{account}\0{browser}".encode(), sha256).hexdigest()


def _known(given: Parts, request: Request, account: str) -> str:
    """Return what tells the browser from others, where it signed in to the account before; else the empty text."""
    browser, _, mark = (read_cookie(request.headers, _known_name(given)) or "").partition(".")
    good = len(browser) < KNOWN_LONGEST and hmac.compare_digest(mark.encode(), _mark(given, account, browser).encode())
    return browser if good else ""
