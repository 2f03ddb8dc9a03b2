"""How a queue is read: a scope, a filter and a place in, the places of the rows that follow out.

A database reads an index in the order of the queue only where it begins with one value. Where a filter asks for one of
several, or for what was found, the rows of each value are read in order and merged: no more of each than are wanted.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select, select, union_all

from streams.core.label import TEXT_KINDS
from streams.core.queue_filter import Filter
from streams.store.cursor import Place
from streams.store.filtering import conditions, of_rule
from streams.store.queue_order import OF_CLOSED, OF_FOUND, OF_ITEM, Keys, Stretch, of, order, stretches
from streams.store.scope import EVERYTHING, Scope, parts, within
from streams.store.tables import found, item

MERGED: Final = 10  # values at most: of more each row is asked

Conditions = Sequence[ColumnElement[bool]]


class Asked(NamedTuple):
    """Who reads which queue, and when."""

    scope: Scope
    wanted: Filter
    account: str
    now: int


class Way(NamedTuple):
    """How to read each stretch of a queue."""

    keys: Keys  # where its order stands
    values: Sequence[Conditions]  # alternatives, with each of which an index begins
    rest: Conditions  # on items


def walk(
    connection: Connection, asked: Asked, after: Place | None, limit: int, besides: Conditions = ()
) -> list[Place]:
    """Return the places of the first rows after a place, at most `limit`; from the beginning without a place.

    `besides` holds for the items as well.
    """
    way = _way(connection, asked)
    way = way._replace(rest=(*way.rest, *besides))
    places: list[Place] = []
    for stretch in stretches(asked.wanted, after):
        statement = _statement(way, stretch, asked.wanted, limit - len(places))
        places += [Place(row.open, row.harm, row.at, row.id) for row in connection.execute(statement)]
        if len(places) >= limit:
            break
    return places


def _way(connection: Connection, asked: Asked) -> Way:
    scope, wanted = _narrowed(asked.scope, asked.wanted)
    rest = conditions(connection, wanted, asked.account, asked.now)
    inside = () if scope == EVERYTHING else (within(scope),)
    # The order of pictures differs most from that of other items: what was found is no good way to them.
    pictures = wanted.media or (wanted.kinds and TEXT_KINDS.isdisjoint(wanted.kinds))
    if wanted.status != "closed" and not pictures:
        for field, values in _found(wanted):
            if 1 <= len(values) <= MERGED:
                del rest[field]
                return Way(OF_FOUND, [[value] for value in values], (*rest.values(), *inside))
    keys = OF_CLOSED if wanted.status == "closed" else OF_ITEM
    for field, values in _several(wanted):
        if 1 < len(values) <= MERGED:
            del rest[field]
            return Way(keys, [[value] for value in values], (*rest.values(), *inside))
    return Way(keys, [[]], (*rest.values(), *inside))


def _narrowed(scope: Scope, wanted: Filter) -> tuple[Scope, Filter]:
    """Return a scope and a filter with the same items, the filter asking for as much of the scope as it can."""
    (part, *others) = parts(scope)
    if others:
        return scope, wanted
    if part.tenants is not None:
        both = tuple(one for one in part.tenants if not wanted.tenants or one in wanted.tenants)
        if both:
            part, wanted = replace(part, tenants=None), replace(wanted, tenants=both)
    if part.labels and not wanted.labels:
        part, wanted = replace(part, labels=None), replace(wanted, labels=part.labels)
    return part, wanted


def _found(wanted: Filter) -> tuple[tuple[str, Conditions], ...]:
    return (
        ("labels", [found.c.label == label for label in dict.fromkeys(wanted.labels)]),
        ("rules", [each for rule in dict.fromkeys(wanted.rules) for each in of_rule(rule)]),
        ("engines", [found.c.engine == engine for engine in dict.fromkeys(wanted.engines)]),
    )


def _several(wanted: Filter) -> tuple[tuple[str, Conditions], ...]:
    return tuple(
        (field, [column == value for value in dict.fromkeys(values)])
        for field, values, column in (
            ("kinds", wanted.kinds, item.c.kind),
            ("languages", wanted.languages, item.c.language),
            ("actions", wanted.actions, item.c.action),
            ("tenants", wanted.tenants, item.c.tenant),
        )
    )


def _statement(way: Way, stretch: Stretch, wanted: Filter, limit: int) -> Select[Any]:
    first, *others = [_rows(way, stretch, wanted, value).limit(limit) for value in way.values]
    if not others:
        return first
    merged = union_all(*(select(each.subquery()) for each in (first, *others))).subquery()
    once = select(merged).distinct() if way.keys is OF_FOUND else select(merged)
    return once.order_by(*order(wanted, of(merged))).limit(limit)


def _rows(way: Way, stretch: Stretch, wanted: Filter, value: Conditions) -> Select[Any]:
    keys = way.keys
    asked = (*stretch.conditions(keys), *value, *way.rest)
    rows: Select[Any] = select(*keys.named()).where(*asked).order_by(*order(wanted, keys))
    if keys is not OF_FOUND:
        return rows
    if way.rest:
        rows = rows.join_from(found, item, item.c.id == found.c.item_id)
    return rows.distinct()  # several rules may have found the same
