"""Who sends a request: a cookie or a bearer token in, an account with its grants out."""

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from streams.store import sessions, tokens
from streams.web.gate import Identify
from streams.web.parts import Parts
from streams.web.problems import refused
from streams.web.signed import Signed

SECURE_COOKIE: Final = "__Host-moderation"  # browsers take it by https only, for this host only
PLAIN_COOKIE: Final = "moderation"  # on this machine, without https
LONGEST: Final = 8192  # characters of a token: what issuers make is far shorter

# A JWT in, who it is for out; raises Problem.
Vouched = Callable[[str], Signed]


def cookie_name(parts: Parts) -> str:
    """Return the name of the session's cookie."""
    return SECURE_COOKIE if parts.secure else PLAIN_COOKIE


def cookie_of(parts: Parts, headers: Headers) -> str | None:
    """Return what the session's cookie holds; None without one."""
    return read_cookie(headers, cookie_name(parts))


def read_cookie(headers: Headers, name: str) -> str | None:
    """Return what a cookie holds; None without one."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


def set_cookie(response: Response, parts: Parts, name: str, value: str, longest_ms: int) -> None:
    """Have a browser hold a cookie that no script reads and no other site sends along with a change."""
    response.set_cookie(
        name, value, max_age=longest_ms // 1000, path="/", secure=parts.secure, httponly=True, samesite="lax"
    )


def drop_cookie(response: Response, parts: Parts, name: str) -> None:
    """Have a browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=parts.secure, httponly=True, samesite="lax")


def identify(parts: Parts, vouched: Vouched | None = None) -> Identify:
    """Return the function that finds who sends a request: by API token, JWT of the issuer, or session."""

    def found(headers: Headers) -> Signed | None:
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if kind:
            return _bearer(parts, vouched, kind, shown.strip())
        cookie = cookie_of(parts, headers)
        return None if not cookie else _session(parts, cookie)

    return found


def _session(parts: Parts, cookie: str) -> Signed | None:
    now = parts.clock()
    with parts.database.reading() as connection:
        session = sessions.found(connection, cookie, parts.limits.session_idle, now)
    if session is None:
        return None
    if session.stale:
        with parts.database.writing() as connection:
            sessions.seen(connection, session.digest, now)
    return Signed(session.account, session.grants, session.csrf, session.digest)


def _bearer(parts: Parts, vouched: Vouched | None, kind: str, shown: str) -> Signed:
    if kind.lower() != "bearer" or not shown or len(shown) > LONGEST:
        raise refused()
    if not shown.startswith(tokens.PREFIX):
        if vouched is None:
            raise refused()
        return vouched(shown)
    now = parts.clock()
    with parts.database.reading() as connection:
        token = tokens.found(connection, shown, now)
    if token is None:
        raise refused()
    if token.stale:
        with parts.database.writing() as connection:
            tokens.used(connection, token.id, now)
    return Signed(token.account, token.grants)
