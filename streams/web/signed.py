"""Who is signed in: the account behind a request, what it may, and how it showed who it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from streams.core.rights import Grant, Right, may
from streams.store.actor import Actor
from streams.store.scope import Scope, scope_of
from streams.web.problems import Problem


@dataclass(frozen=True)
class Signed:
    """An account that signed in. The gate makes it; a route that is not public always has one."""

    account: str
    grants: tuple[Grant, ...]
    csrf: str = ""  # what a page sends as X-CSRF-Token; empty for who came with a bearer token
    session: str = ""  # digest of the cookie; empty for who came with a bearer token

    @property
    def actor(self) -> Actor:
        """Return the account as acts of the store take it."""
        return Actor(self.account, self.grants)

    @property
    def scope(self) -> Scope:
        """Return what the account sees."""
        return scope_of(self.grants)

    def may(self, right: Right, tenant: str | None = None, labels: Iterable[str] | None = None) -> bool:
        """Say whether the account has a right over an item; over no item in particular without a tenant and labels."""
        return may(self.grants, right, tenant, labels)

    def may_everywhere(self, right: Right) -> bool:
        """Say whether the account has a right over all content, of every tenant and label."""
        return may([one for one in self.grants if one.tenants is None and one.labels is None], right)


def signed_or_none(request: Request) -> Signed | None:
    """Return who is signed in, on routes that are public, too."""
    return cast("Signed | None", request.scope.get("signed"))


def signed(request: Request) -> Signed:
    """Return who is signed in; raise Problem where nobody is."""
    found = signed_or_none(request)
    if found is None:
        raise Problem(401, "Sign in first.")
    return found


SignedIn = Annotated[Signed, Depends(signed)]
MaybeSignedIn = Annotated[Signed | None, Depends(signed_or_none)]
