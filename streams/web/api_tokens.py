"""API tokens: for programs that act as an account. What opens the door is told once, when a token is made."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from streams.core.audit import Event
from streams.store import tokens
from streams.store.auditing import append
from streams.store.tokens import Token
from streams.web.asked import LARGEST, Body, Clean
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import Problem, documented
from streams.web.signed import SignedIn

router = APIRouter(tags=["tokens"], responses=documented(401, 403, 422, 503))
CHANGING: Final = (404, 408, 413, 415)
DAY_MS: Final = 86_400_000


class TokenTold(msgspec.Struct, frozen=True):
    """A token without what opens the door."""

    id: int
    account: str
    name: str
    created_at: int  # milliseconds since 1970
    used_at: int | None
    expires_at: int | None


class Tokens(msgspec.Struct, frozen=True):
    """Tokens, oldest first."""

    tokens: tuple[TokenTold, ...]


class TokenMade(msgspec.Struct, frozen=True):
    """A new token."""

    token: TokenTold
    secret: str  # to be shown as `Authorization: Bearer SECRET`; told this once


class NewToken(Body):
    """What a token is for, and how long it opens."""

    name: Annotated[Clean, Field(min_length=1, max_length=64)]
    days: int = Field(90, ge=1, le=366)


@router.get("/api/tokens", operation_id="listTokens", responses=answers(Tokens))
def list_tokens(
    given: Given,
    signed: SignedIn,
    everybody: Annotated[bool, Query(description="of all accounts; it takes the right `accounts`")] = False,  # noqa: FBT002  a query parameter
) -> Response:
    """Return one's own tokens, or all."""
    if everybody and not signed.may_everywhere("accounts"):
        raise Problem(403, "Your account does not have the right to see tokens of others.")
    with given.database.reading() as connection:
        found = tokens.listed(connection, None if everybody else signed.account)
    return told(Tokens(tuple(map(_told, found))))


@router.post(
    "/api/tokens", operation_id="makeToken", status_code=201, responses=answers(TokenMade, 201) | documented(*CHANGING)
)
def make_token(body: NewToken, given: Given, signed: SignedIn) -> Response:
    """Make a token for one's own account. A token makes none: one that leaked ends when it is withdrawn."""
    if not signed.session:
        raise Problem(403, "Sign in with a browser to make a token.")
    now = given.clock()
    with given.database.writing() as connection:
        made, secret = tokens.made(connection, signed.account, body.name, now + body.days * DAY_MS, now)
        append(connection, "accounts", Event(act="token_made", by=signed.account, more={"token": made.id}), now)
    return told(TokenMade(_told(made), secret), 201)


@router.delete(
    "/api/tokens/{token_id:int}", operation_id="withdrawToken", status_code=204, responses=documented(*CHANGING)
)
def withdraw_token(token_id: Annotated[int, Path(ge=1, le=LARGEST)], given: Given, signed: SignedIn) -> None:
    """Withdraw a token of one's own; that of others with the right `accounts`."""
    owner = None if signed.may_everywhere("accounts") else signed.account
    with given.database.writing() as connection:
        if not tokens.withdrawn(connection, token_id, owner):
            raise Problem(404, "There is no such token.")
        event = Event(act="token_withdrawn", by=signed.account, more={"token": token_id})
        append(connection, "accounts", event, given.clock())


def _told(token: Token) -> TokenTold:
    return TokenTold(token.id, token.account, token.name, token.created_at, token.used_at, token.expires_at)
