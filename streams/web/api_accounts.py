"""Accounts: who may sign in and what each may. Nobody gives, or takes, what is beyond his own, or changes himself."""

import secrets
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from streams.core.audit import Event
from streams.core.granting import covers
from streams.core.rights import Grant, Role
from streams.store import accounts, sessions
from streams.store.accounts import Account
from streams.store.auditing import append
from streams.web.asked import Body, Clean, Id
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import Problem, documented
from streams.web.signed import Signed, SignedIn

router = APIRouter(tags=["accounts"], responses=documented(401, 403, 422, 503))
CHANGING: Final = (404, 408, 409, 413, 415)
PASSWORD_BYTES: Final = 18

AccountName = Annotated[Clean, Path(max_length=128)]


class AccountTold(msgspec.Struct, frozen=True):
    """An account without its secrets."""

    name: str
    grants: tuple[Grant, ...]
    disabled: bool
    created_at: int  # milliseconds since 1970
    signs_in_by: tuple[str, ...]  # password, issuer
    password: str | None = None  # a new one, told this once


class Accounts(msgspec.Struct, frozen=True):
    """All accounts by name."""

    accounts: tuple[AccountTold, ...]


class Granted(Body):
    """A role, for all content or for that of some tenants and labels only."""

    role: Role
    tenants: Annotated[list[Annotated[Clean, Field(max_length=256)]], Field(max_length=100)] | None = None
    labels: Annotated[list[Id], Field(max_length=100)] | None = None

    def grant(self) -> Grant:
        """Return it as core/rights has it."""
        return Grant(
            self.role,
            None if self.tenants is None else tuple(self.tenants),
            None if self.labels is None else tuple(self.labels),
        )


Grants = Annotated[list[Granted], Field(max_length=50)]


class NewAccount(Body):
    """Who is to sign in: with a password, which is made and told once, or by a subject of the issuer."""

    name: Annotated[str, Field(pattern=f"^{accounts.NAME.pattern}$")]
    grants: Grants
    subject: Annotated[Id, Field(description="`sub` of the issuer of OIDC")] | None = None


class ChangedAccount(Body):
    """What is to be different; what is not named stays."""

    grants: Grants | None = None
    disabled: bool | None = None
    new_password: bool = Field(default=False, description="make one, and tell it once")


@router.get("/api/accounts", operation_id="listAccounts", responses=answers(Accounts))
def list_accounts(given: Given, signed: SignedIn) -> Response:
    """Return the accounts that may no more than one's own."""
    with given.database.reading() as connection:
        found = accounts.listed(connection)
    return told(Accounts(tuple(_told(one) for one in found if covers(signed.grants, one.grants))))


@router.post(
    "/api/accounts",
    operation_id="makeAccount",
    status_code=201,
    responses=answers(AccountTold, 201) | documented(*CHANGING),
)
def make_account(body: NewAccount, given: Given, signed: SignedIn) -> Response:
    """Make an account."""
    if not accounts.valid(body.name):
        raise Problem(422, "This name is taken by a word of filters: choose another one.")
    grants = _given(signed, body.grants)
    subject = password = kept = None
    if body.subject is None:
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        kept = given.passwords.hashed(password)
    elif given.issuer is None:
        raise Problem(422, "Nobody vouches for subjects here: MODERATION_REVIEW_OIDC_ISSUER is not set.")
    else:
        subject = accounts.subject_of(given.issuer.oidc.issuer, body.subject)
    with given.database.writing() as connection:
        try:
            made = accounts.made(connection, body.name, grants, given.clock(), password=kept, subject=subject)
        except accounts.Taken:
            raise Problem(409, "There is such an account already.", code="taken") from None
        _noted(connection, "account_made", signed, body.name, given.clock())
    return told(_told(made, password), 201)


@router.patch(
    "/api/accounts/{name}", operation_id="changeAccount", responses=answers(AccountTold) | documented(*CHANGING)
)
def change_account(name: AccountName, body: ChangedAccount, given: Given, signed: SignedIn) -> Response:
    """Change what an account may, disable it, or give it a new password."""
    if name == signed.account:
        raise Problem(403, "Nobody changes his own account: ask another admin.")
    grants = None if body.grants is None else _given(signed, body.grants)
    password = secrets.token_urlsafe(PASSWORD_BYTES) if body.new_password else None
    kept = None if password is None else given.passwords.hashed(password)
    with given.database.writing() as connection:
        before = accounts.named(connection, name)
        if before is None:
            raise Problem(404, "There is no such account.")
        if not covers(signed.grants, before.grants):
            raise Problem(403, "This account may more than yours.")
        accounts.changed(connection, name, grants=grants, disabled=body.disabled, password=kept)
        if body.disabled or kept is not None:
            sessions.ended_of(connection, name)
        _noted(connection, "account_changed", signed, name, given.clock())
        after = accounts.named(connection, name)
    assert after is not None  # noqa: S101  nobody removes accounts
    return told(_told(after, password))


def _given(signed: Signed, wanted: list[Granted]) -> tuple[Grant, ...]:
    grants = tuple(one.grant() for one in wanted)
    if not covers(signed.grants, grants):
        raise Problem(403, "Nobody gives rights that he does not have.")
    return grants


def _told(account: Account, password: str | None = None) -> AccountTold:
    ways = tuple(way for way, kept in (("password", account.password), ("issuer", account.subject)) if kept)
    return AccountTold(account.name, account.grants, account.disabled, account.created_at, ways, password)


def _noted(connection: Connection, what: str, signed: Signed, name: str, now: int) -> None:
    append(connection, "accounts", Event(act=what, by=signed.account, to=name), now)
