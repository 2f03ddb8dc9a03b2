"""A filter in, conditions on items (`tables.item`) out. Values of one field are alternatives, fields are joined."""

from collections.abc import Iterator
from operator import eq, ge, le, lt

from sqlalchemy import ColumnElement, and_, exists, or_

from streams.core.harm import rank_of
from streams.core.queue_filter import Filter
from streams.store.searching import holding
from streams.store.tables import found, item

NOBODY = "nobody"


def conditions(wanted: Filter, dialect: str, account: str, now: int) -> list[ColumnElement[bool]]:
    """Return what holds for the items of a filter, but for whether they are open.

    `account` is who asks, for `claimed: me`; `now` decides which claims are over.
    """
    return [*_of_the_item(wanted), *_found(wanted), *_held(wanted, account, now), *_text(wanted, dialect)]


def unclaimed(now: int) -> ColumnElement[bool]:
    """Return the condition that nobody holds an item."""
    return item.c.claimed_until <= now


def _of_the_item(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    columns = item.c
    for values, column in (
        (wanted.actions, columns.action),
        (wanted.kinds, columns.kind),
        (wanted.tenants, columns.tenant),
        (wanted.languages, columns.language),
        (tuple(rank_of(None if name == "none" else name) for name in wanted.severities), columns.severity),
    ):
        if values:
            yield column.in_(values)
    for value, compare, column in (
        (wanted.user, eq, columns.user_id),
        (wanted.conversation, eq, columns.conversation_id),
        (wanted.content, eq, columns.content_id),
        (wanted.policy, eq, columns.policy_id),
        (wanted.min_confidence, ge, columns.confidence),
        (wanted.max_confidence, le, columns.confidence),
        (wanted.since, ge, columns.opened_at),
        (wanted.until, lt, columns.opened_at),
        (None if wanted.escalated is None else int(wanted.escalated), eq, columns.escalated),
        (1 if wanted.media else None, eq, columns.pictured),
    ):
        if value is not None:
            yield compare(column, value)


def _found(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Each field by itself: one rule may have found the label, another one be of the engine."""
    if wanted.labels:
        yield _any_found(found.c.label.in_(wanted.labels))
    if wanted.engines:
        yield _any_found(found.c.engine.in_(wanted.engines))
    if wanted.rules:
        plain = found.c.rule.in_(wanted.rules)
        full = (rule.partition(".") for rule in wanted.rules if "." in rule)
        yield _any_found(
            or_(plain, *(and_(found.c.engine == engine, found.c.rule == name) for engine, _, name in full))
        )


def _any_found(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(found.c.item_id == item.c.id, found.c.open == item.c.open, condition)


def _held(wanted: Filter, account: str, now: int) -> Iterator[ColumnElement[bool]]:
    if wanted.assigned is not None:
        yield item.c.assigned_to.is_(None) if wanted.assigned == NOBODY else item.c.assigned_to == wanted.assigned
    if wanted.claimed == "nobody":
        yield unclaimed(now)
    elif wanted.claimed is not None:
        yield item.c.claimed_until > now
        if wanted.claimed == "me":
            yield item.c.claimed_by == account


def _text(wanted: Filter, dialect: str) -> Iterator[ColumnElement[bool]]:
    if wanted.text is not None:
        yield holding(wanted.text, dialect)
