"""What of the store an account may see: its grants in, a condition on items out. What is outside does not exist."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, and_, exists, or_, true

from streams.core.rights import OF_ROLE, Grant, Right
from streams.store.tables import found, item


class Scope(msgspec.Struct, frozen=True):
    """Items of some tenants for which one of some labels was found; and those of the scopes besides."""

    tenants: tuple[str, ...] | None  # None: all; the empty id stands for content without a tenant
    labels: tuple[str, ...] | None  # None: all
    besides: tuple["Scope", ...] = ()


EVERYTHING: Final = Scope(None, None)
NOTHING: Final = Scope((), ())
_FOUND: Final = found.alias("in_scope")


def scope_of(grants: Iterable[Grant], right: Right = "see") -> Scope:
    """Return the items over which grants give a right, the same of which `core/rights.may` says so."""
    parts = [Scope(grant.tenants, grant.labels) for grant in grants if right in OF_ROLE[grant.role]]
    if not parts:
        return NOTHING
    if EVERYTHING in parts:
        return EVERYTHING
    first, *others = dict.fromkeys(parts)
    return Scope(first.tenants, first.labels, tuple(others))


def parts(scope: Scope) -> tuple[Scope, ...]:
    """Return the scopes without others besides them, of which one must hold."""
    return (Scope(scope.tenants, scope.labels), *(part for other in scope.besides for part in parts(other)))


def within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that an item (`tables.item`) is in a scope."""
    return or_(*(and_(true(), *conditions(part)) for part in parts(scope)))


def conditions(part: Scope) -> list[ColumnElement[bool]]:
    """Return what a scope asks of an item, but for the scopes besides it."""
    asked: list[ColumnElement[bool]] = []
    if part.tenants is not None:
        asked.append(item.c.tenant.in_(part.tenants))
    if part.labels is not None:
        asked.append(exists().where(_FOUND.c.item_id == item.c.id, _FOUND.c.label.in_(part.labels)))
    return asked
