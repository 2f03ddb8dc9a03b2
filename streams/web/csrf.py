"""Requests that change something: from our own pages, or from a program that holds a token; nobody else's form."""

import hmac

from starlette.datastructures import Headers

from streams.web.problems import Problem
from streams.web.signed import Signed

HEADER = "X-CSRF-Token"
JSON = "application/json"


def checked(headers: Headers, origin: str, signed: Signed | None) -> None:
    """Raise Problem for a change that another site could have caused: 415 for what is no JSON, 403 else.

    A browser names the origin with every change. What comes with a cookie shows a token, too, which only our pages
    know: it is signed with the session's own key. A bearer token is proof enough, no other site makes a browser send
    one.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    bodiless = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    if kind != JSON and not (bodiless and not kind):
        raise Problem(415, "Send JSON: Content-Type: application/json.")
    named = headers.get("origin")
    bearer = signed is not None and not signed.session
    if named != origin and not (bearer and named is None):
        raise Problem(403, "This change does not come from our own pages.", code="foreign_origin")
    if signed is None or bearer:
        return
    if not hmac.compare_digest(headers.get(HEADER, "").encode(), signed.csrf.encode()):
        raise Problem(403, "Load the page again: it was made for another session.", code="csrf")
