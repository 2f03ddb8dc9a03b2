"""Orders about a user: restrict, release; written in the log and on their way to his standing, by `verdicts`."""

import msgspec
from sqlalchemy import Connection, select

from streams.core.audit import Event
from streams.core.restriction import RestrictionKind
from streams.core.rights import may
from streams.core.verdict import Order, StandingOrder
from streams.store.actor import Actor
from streams.store.auditing import append, kept, ordered_before
from streams.store.not_done import Forbidden, NotThere, Wrong
from streams.store.outbox import put
from streams.store.scope import EVERYTHING, scope_of, within
from streams.store.tables import item
from streams.store.written import REASON, identifier, written


class Ordered(msgspec.Struct, frozen=True, gc=False):
    """An order that is on its way."""

    user_id: str
    order_id: str


def order_user(  # noqa: PLR0913 - what an order says, by name
    connection: Connection,
    actor: Actor,
    user_id: str,
    order: Order,
    *,
    order_id: str,
    restriction: RestrictionKind = "restrict",
    until: int | None = None,
    why: str | None = None,
    now: int,
) -> Ordered:
    """Restrict a user, until a moment or until released, or release him; raise NotThere, Forbidden or Wrong.

    Whoever has only some tenants or labels orders about users of whom there is an item among them. The same order id
    twice is one order.
    """
    if order not in {"restrict", "release"}:
        raise Wrong("an order is restrict or release")
    if order == "restrict" and until is not None and until <= now:
        raise Wrong("the restriction would have ended already")
    about = StandingOrder(
        identifier(user_id, "user"),
        identifier(order_id, "order"),
        order,
        now,
        actor.account,
        written(why, "reason", REASON),
        restriction if order == "restrict" else None,
        until if order == "restrict" else None,
    )
    try:
        msgspec.convert(msgspec.to_builtins(about), StandingOrder)
    except msgspec.ValidationError:
        raise Wrong("moments lie between 1970 and the year 10000") from None
    _allowed(connection, actor, user_id)
    if ordered_before(connection, order_id, now):
        return Ordered(user_id, order_id)
    event = Event(
        act=order,
        by=actor.account,
        user_id=user_id,
        id=order_id,
        restriction=about.restriction,
        until=about.until,
        reason=None if about.why is None else kept(connection, about.why, user_id),
    )
    append(connection, "acts", event, now)
    put(connection, [about], now)
    return Ordered(user_id, order_id)


def _allowed(connection: Connection, actor: Actor, user_id: str) -> None:
    if not may(actor.grants, "order"):
        raise Forbidden("order")
    scope = scope_of(actor.grants, "order")
    if scope == EVERYTHING:
        return
    if connection.execute(select(item.c.id).where(item.c.user_id == user_id, within(scope)).limit(1)).first() is None:
        raise NotThere("user")
