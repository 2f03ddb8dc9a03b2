"""Giving rights away: what somebody holds and what he would give in, whether he may out. Nobody gives what he lacks."""

from collections.abc import Iterable

from streams.core.rights import OF_ROLE, Grant, Right


def covers(held: Iterable[Grant], given: Iterable[Grant], right: Right = "accounts") -> bool:
    """Say whether who holds some grants may give, or take, others: each lies within one of his that has `right`."""
    mine = [grant for grant in held if right in OF_ROLE[grant.role]]
    return all(any(_within(one, grant) for grant in mine) for one in given)


def _within(inner: Grant, outer: Grant) -> bool:
    return _part(inner.tenants, outer.tenants) and _part(inner.labels, outer.labels)


def _part(inner: tuple[str, ...] | None, outer: tuple[str, ...] | None) -> bool:
    return outer is None or (inner is not None and set(inner) <= set(outer))
