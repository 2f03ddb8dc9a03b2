"""Signing in where somebody else vouches: the code flow with PKCE. Bearer tokens of the same issuer, for the API."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse

from streams.core.audit import Event
from streams.store import accounts, sessions
from streams.store.auditing import append
from streams.web.identify import Vouched, drop_cookie, read_cookie, set_cookie
from streams.web.oidc import Issuer, Oidc
from streams.web.origin import local
from streams.web.parts import Given, Parts
from streams.web.problems import Problem, refused
from streams.web.sign_in import signed_in
from streams.web.signed import Signed

COOKIE: Final = "moderation-sign-in"
LONGEST_MS: Final = 600_000  # from the first page of a sign-in to the last
BYTES: Final = 32
NEXT: Final = 512  # characters of the page to go on to

router = APIRouter(include_in_schema=False)

Sent = Annotated[str, Query(max_length=4096)]


@router.get("/sign-in/oidc")
def oidc_begin(given: Given, next_page: Annotated[str, Query(alias="next", max_length=NEXT)] = "/") -> RedirectResponse:
    """Send a browser to the issuer. What its answer must fit goes with it in a signed cookie."""
    issuer = _issuer(given)
    state = secrets.token_urlsafe(BYTES)
    asked = {
        "response_type": "code",
        "client_id": issuer.oidc.client_id,
        "redirect_uri": redirect_of(given),
        "scope": issuer.oidc.scopes,
        "state": state,
        "nonce": _derived(given, "nonce", state),
        "code_challenge": _encoded(sha256(_derived(given, "verifier", state).encode()).digest()),
        "code_challenge_method": "S256",
    }
    endpoint = issuer.configuration().authorization_endpoint
    response = RedirectResponse(endpoint + ("&" if "?" in endpoint else "?") + urlencode(asked), 303)
    value = f"{state}.{given.clock() + LONGEST_MS}.{_encoded(local(next_page).encode())}"
    set_cookie(response, given, _cookie(given), f"{value}.{_derived(given, 'cookie', value)}", LONGEST_MS)
    return response


@router.get("/sign-in/callback")
def oidc_end(request: Request, given: Given, state: Sent = "", code: Sent = "", error: Sent = "") -> RedirectResponse:
    """Take the issuer's answer: a session for the account that it vouches for."""
    issuer, now = _issuer(given), given.clock()
    begun, next_page = _begun(given, read_cookie(request.headers, _cookie(given)) or "", now)
    if not hmac.compare_digest(begun.encode(), state.encode()):
        raise Problem(401, "This sign-in was begun elsewhere: start again.", code="wrong_state")
    if error or not code:
        raise Problem(401, "The sign-in was not confirmed: start again.", code="not_confirmed")
    token = issuer.exchanged(code, _derived(given, "verifier", state), redirect_of(given))
    claims = issuer.claims(token, issuer.oidc.client_id, now)
    nonce = claims.get("nonce")
    expected = _derived(given, "nonce", state)
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.encode()):
        raise refused()
    if claims["aud"] != issuer.oidc.client_id and claims.get("azp", issuer.oidc.client_id) != issuer.oidc.client_id:
        raise refused()
    with given.database.writing() as connection:
        account = account_of(connection, issuer.oidc, claims, now)
    if account is None:
        raise Problem(403, "You are known, and have no rights here: ask an admin for an account.", code="no_account")
    response = RedirectResponse(next_page, 303)
    signed_in(given, request, response, account)
    drop_cookie(response, given, _cookie(given))
    return response


def account_of(connection: Connection, oidc: Oidc, claims: dict[str, object], now: int) -> accounts.Account | None:
    """Return the account of a subject, with the grants of its claims; None where it has none, or may not sign in.

    Accounts are found by issuer and subject, never by a name that somebody could take. Where groups give grants, a
    person who is in one of them gets an account.
    """
    subject = accounts.subject_of(oidc.issuer, str(claims["sub"]))
    grants = oidc.granted(claims)
    account = accounts.vouched(connection, subject)
    if account is None:
        if not grants:
            return None
        made = accounts.made(connection, _name(connection, claims, subject), grants, now, subject=subject)
        append(connection, "accounts", Event(act="account_made", by=made.name, to=made.name), now)
        return made
    if grants is not None and grants != account.grants:
        accounts.changed(connection, account.name, grants=grants)
        append(connection, "accounts", Event(act="account_changed", by=account.name, to=account.name), now)
    if grants == () or account.disabled:
        sessions.ended_of(connection, account.name)
        return None
    return accounts.named(connection, account.name)


def vouched(parts: Parts) -> Vouched | None:
    """Return the function that takes bearer tokens of the issuer; None where none are taken."""
    issuer = parts.issuer
    if issuer is None or issuer.oidc.audience is None:
        return None
    audience = issuer.oidc.audience

    def found(token: str) -> Signed:
        claims = issuer.claims(token, audience, parts.clock())
        with parts.database.reading() as connection:
            account = accounts.vouched(connection, accounts.subject_of(issuer.oidc.issuer, claims["sub"]))
        if account is None or account.disabled:
            raise refused()
        claimed = issuer.oidc.granted(claims) if issuer.oidc.claim in claims else None
        return Signed(account.name, account.grants if claimed is None else claimed)

    return found


def redirect_of(given: Parts) -> str:
    """Return where the issuer sends browsers back to: it is to be registered there."""
    return f"{given.origin}/sign-in/callback"


def _issuer(given: Parts) -> Issuer:
    if given.issuer is None:
        raise Problem(404, "There is no single sign-on here.")
    return given.issuer


def _name(connection: Connection, claims: dict[str, object], subject: str) -> str:
    """Return a name that is free; what the issuer calls somebody, where it is a name and nobody has it."""
    called = str(claims.get("preferred_username", "")).lower()
    if accounts.valid(called) and accounts.named(connection, called) is None:
        return called
    return f"oidc-{sha256(subject.encode()).hexdigest()[:16]}"


def _begun(given: Parts, cookie: str, now: int) -> tuple[str, str]:
    """Return the state of the sign-in that a browser began, and where it goes on; raise Problem 401 without one."""
    value, _, mark = cookie.rpartition(".")
    state, _, rest = value.partition(".")
    until, _, following = rest.partition(".")
    if not hmac.compare_digest(mark.encode(), _derived(given, "cookie", value).encode()) or int(until) < now:
        raise Problem(401, "The sign-in took too long: start again.", code="wrong_state")
    return state, _decoded(following)


def _derived(given: Parts, purpose: str, value: str) -> str:
    """Return what only this service makes of a value: 43 characters."""
    return _encoded(hmac.new(given.secret, f"oidc {purpose}\0{value}".encode(), sha256).digest())


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(value: str) -> str:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()


def _cookie(given: Parts) -> str:
    return f"__Host-{COOKIE}" if given.secure else COOKIE
