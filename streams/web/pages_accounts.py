"""Accounts and tokens, and the door: signing in."""

from typing import Annotated

from fastapi import APIRouter, Query
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streams.core.rights import ROLES, Role
from streams.core.shown import named
from streams.store import accounts, tokens
from streams.web.pages_template import ENVIRONMENT, rendered
from streams.web.parts import Given
from streams.web.signed import SignedIn
from streams.web.view_words import grant_told

router = APIRouter(include_in_schema=False)


class AccountView(Struct, frozen=True):
    """An account."""

    raw: str
    name: str
    way: str
    grants: tuple[str, ...]
    created_at: int
    disabled: bool


class TokenView(Struct, frozen=True):
    """A token."""

    id: int
    name: str
    account: str
    created_at: int
    used_at: int | None
    expires_at: int | None


class AccountsView(Struct, frozen=True):
    """The page of accounts and tokens."""

    accounts: tuple[AccountView, ...]
    tokens: tuple[TokenView, ...]
    roles: tuple[Role, ...]


class DoorView(Struct, frozen=True):
    """The sign-in page."""

    next: str
    wrong: str
    provider: str  # where an issuer of OIDC signs in; empty: there is none


@router.get("/accounts")
def accounts_page(request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return one's own tokens; all accounts and tokens for who may order them."""
    everything = signed.may_everywhere("accounts")
    with given.database.reading() as connection:
        people = accounts.listed(connection) if everything else []
        known = tokens.listed(connection, None if everything else signed.account)
    view = AccountsView(
        tuple(
            AccountView(
                one.name,
                named(one.name),
                " and ".join(way for way, kept in (("password", one.password), ("issuer", one.subject)) if kept),
                tuple(grant_told(grant) for grant in one.grants),
                one.created_at,
                one.disabled,
            )
            for one in people
        ),
        tuple(
            TokenView(one.id, named(one.name), named(one.account), one.created_at, one.used_at, one.expires_at)
            for one in known
        ),
        ROLES,
    )
    return rendered(request, "accounts.html", "accounts", view, signed, everything=everything)


@router.get("/sign-in")
def sign_in_page(given: Given, next_page: Annotated[str, Query(alias="next", max_length=2048)] = "/") -> HTMLResponse:
    """Return the page to sign in on."""
    view = DoorView(next_page, "", "/sign-in/oidc" if given.issuer is not None else "")
    return HTMLResponse(ENVIRONMENT.get_template("sign_in.html").render(view=view, now=given.clock()))
