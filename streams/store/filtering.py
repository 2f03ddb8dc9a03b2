"""A filter in, conditions on items (`tables.item`) out. Values of one field are alternatives, fields are joined."""

from collections.abc import Callable, Iterator
from operator import eq, ge, le, lt
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, or_, select

from streams.core.harm import rank_of
from streams.core.queue_filter import Filter
from streams.store.searching import holding
from streams.store.tables import found, item

NOBODY: Final = "nobody"
FOUND: Final = found.alias("of_it")  # what was found of an item, beside the row of `found` by which it is read
_HELD: Final = item.alias("held")

Named = tuple[str, ColumnElement[bool]]  # a field of the filter, and what it asks of an item


def conditions(connection: Connection, wanted: Filter, account: str, now: int) -> dict[str, ColumnElement[bool]]:
    """Return what the fields of a filter ask for, but for whether items are open.

    `account` is who asks, for `claimed: me`; `now` decides which claims are over.
    """
    asked = dict([*_one_of(wanted), *_compared(wanted), *_found(wanted), *_held(wanted, account, now)])
    if wanted.text is not None:
        asked["text"] = holding(connection, wanted.text)
    return asked


def unclaimed(now: int) -> ColumnElement[bool]:
    """Return the condition that nobody holds an item."""
    return item.c.claimed_until <= now


def of_rule(rule: str, rows: FromClause = found) -> list[ColumnElement[bool]]:
    """Return the conditions on `found`, of which one must hold, that it is of a rule: `engine.rule`, or `rule`."""
    engine, dot, name = rule.partition(".")
    return [rows.c.rule == rule, *([and_(rows.c.rule == name, rows.c.engine == engine)] if dot else [])]


def _one_of(wanted: Filter) -> Iterator[Named]:
    for field, values, column in (
        ("actions", wanted.actions, item.c.action),
        ("kinds", wanted.kinds, item.c.kind),
        ("tenants", wanted.tenants, item.c.tenant),
        ("languages", wanted.languages, item.c.language),
    ):
        if values:
            yield field, column.in_(values)
    if wanted.severities:
        ranks = [rank_of(None if name == "none" else name) for name in wanted.severities]
        yield "severities", item.c.severity.in_(ranks)


def _compared(wanted: Filter) -> Iterator[Named]:
    bounds: tuple[tuple[str, Any, Callable[[Any, Any], ColumnElement[bool]], ColumnElement[Any]], ...] = (
        ("user", wanted.user, eq, item.c.user_id),
        ("conversation", wanted.conversation, eq, item.c.conversation_id),
        ("content", wanted.content, eq, item.c.content_id),
        ("policy", wanted.policy, eq, item.c.policy_id),
        ("min_confidence", wanted.min_confidence, ge, item.c.confidence),
        ("max_confidence", wanted.max_confidence, le, item.c.confidence),
        ("since", wanted.since, ge, item.c.opened_at),
        ("until", wanted.until, lt, item.c.opened_at),
        ("escalated", None if wanted.escalated is None else int(wanted.escalated), eq, item.c.escalated),
        ("media", 1 if wanted.media else None, eq, item.c.pictured),
    )
    for field, value, compare, column in bounds:
        if value is not None:
            yield field, compare(column, value)


def _found(wanted: Filter) -> Iterator[Named]:
    """Each field by itself: one rule may have found the label, another one be of the engine."""
    for field, conditions in (
        ("labels", [FOUND.c.label.in_(wanted.labels)] if wanted.labels else []),
        ("engines", [FOUND.c.engine.in_(wanted.engines)] if wanted.engines else []),
        ("rules", [each for rule in wanted.rules for each in of_rule(rule, FOUND)]),
    ):
        if conditions:
            its = (FOUND.c.item_id == item.c.id, FOUND.c.open == item.c.open)  # indexes have `open` next
            yield field, exists().where(*its, or_(*conditions))


def _held(wanted: Filter, account: str, now: int) -> Iterator[Named]:
    """Few items are held by somebody: they are looked up by that, whatever a database takes for likely."""
    if wanted.assigned == NOBODY:
        yield "assigned", item.c.assigned_to.is_(None)
    elif wanted.assigned is not None:
        yield "assigned", item.c.id.in_(select(_HELD.c.id).where(_HELD.c.assigned_to == wanted.assigned))
    if wanted.claimed == "nobody":
        yield "claimed", unclaimed(now)
    elif wanted.claimed is not None:
        held = select(_HELD.c.id).where(_HELD.c.claimed_until > now)
        yield "claimed", item.c.id.in_(held.where(_HELD.c.claimed_by == account) if wanted.claimed == "me" else held)
