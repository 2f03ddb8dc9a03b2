"""Values of the store as the API tells them: models of the OpenAPI document, and what makes them."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from streams.core.rights import Grant, Role


class GrantTold(BaseModel):
    """A role, for all content or for that of some tenants and labels only."""

    role: Role
    tenants: list[str] | None = Field(None, description="none: all; the empty id is content without a tenant")
    labels: list[str] | None = Field(None, description="none: all")


def granted(grants: Iterable[Grant]) -> list[GrantTold]:
    """Return grants as the API tells them."""
    return [
        GrantTold(
            role=grant.role,
            tenants=None if grant.tenants is None else list(grant.tenants),
            labels=None if grant.labels is None else list(grant.labels),
        )
        for grant in grants
    ]
