"""Rights in the review service: the grants of an account in, what it may do to which item out. Denied unless granted.

| role | may |
| --- | --- |
| moderator | see, claim, note, approve, escalate |
| senior | also override, undo, take an escalation back, act on many items, order about users, share queues |
| admin | all of it, and accounts, tokens of others, erasure |
| auditor | see, and read the audit log; changes nothing |
"""

from collections.abc import Iterable
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from streams.core.content import ID_LIMIT, Id

Tenant = Annotated[str, Meta(max_length=ID_LIMIT)]  # empty: content without one

Role = Literal["moderator", "senior", "admin", "auditor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Right = Literal[
    "see",
    "claim",
    "note",
    "approve",
    "escalate",
    "override",
    "deescalate",
    "bulk",
    "order",  # restrict and release users
    "share",  # queues for everybody
    "audit",
    "accounts",
    "erase",
]
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)

_MODERATOR: Final[frozenset[Right]] = frozenset({"see", "claim", "note", "approve", "escalate"})
_SENIOR: Final[frozenset[Right]] = _MODERATOR | {"override", "deescalate", "bulk", "order", "share"}
OF_ROLE: Final[dict[Role, frozenset[Right]]] = {
    "moderator": _MODERATOR,
    "senior": _SENIOR,
    "admin": frozenset(RIGHTS),
    "auditor": frozenset({"see", "audit"}),
}


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role, for all content or for that of some tenants and labels only."""

    role: Role
    tenants: tuple[Tenant, ...] | None = None  # None: all
    labels: tuple[Id, ...] | None = None  # None: all; else only items for which one of these labels was found


def may(grants: Iterable[Grant], right: Right, tenant: str | None = None, labels: Iterable[str] | None = None) -> bool:
    """Say whether any grant gives a right over an item; over no item in particular without a tenant and labels."""
    known = None if labels is None else set(labels)
    return any(
        right in OF_ROLE[grant.role]
        and (tenant is None or grant.tenants is None or tenant in grant.tenants)
        and (known is None or grant.labels is None or not known.isdisjoint(grant.labels))
        for grant in grants
    )
