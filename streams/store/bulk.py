"""Acts on many items at once: a selection and the number that somebody was shown in, a ruling for each item out."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from streams.core.review_rules import by_default
from streams.core.rights import Right, may
from streams.store.acting import Rules, Wish, ruled
from streams.store.actor import Acted, Actor
from streams.store.auditing import about
from streams.store.locking import COLUMNS, Locked
from streams.store.not_done import Changed, Forbidden, NotThere, Wrong
from streams.store.rulings import Ruled, write
from streams.store.scope import scope_of, within
from streams.store.tables import item, media, ruling
from streams.store.written import identifier

MOST: Final = 1000  # items of one call; every transaction that acts waits for it
SAMPLES: Final = 20
LONGEST: Final = 128  # characters of a bulk's id: those of its rulings are longer

# What is like an item: from the same author, with the same text, with a picture of the same bytes.
Like = Literal["author", "text", "image"]


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items by their ids; or all open ones that are like an item, itself included."""

    ids: tuple[int, ...] = ()
    like: Like | None = None
    item_id: int | None = None  # of `like`


class Preview(msgspec.Struct, frozen=True):
    """What an act on a selection would reach."""

    number: int  # to be given to `bulk`
    samples: tuple[int, ...]  # ids, the worst first


class Done(msgspec.Struct, frozen=True):
    """What an act on a selection reached."""

    bulk_id: str
    acted: tuple[Acted, ...]
    left: int  # items of the selection beyond the most of one call


def bulk_preview(connection: Connection, actor: Actor, selection: Selection, wish: Wish) -> Preview:
    """Return how many items an act would reach; raise NotThere, Forbidden or Wrong."""
    chosen = _chosen(connection, actor, selection, wish.checked())
    worst = select(item.c.id).where(chosen).order_by(item.c.harm.desc(), item.c.opened_at, item.c.id).limit(SAMPLES)
    return Preview(_number(connection, chosen), tuple(connection.execute(worst).scalars()))


def bulk(
    connection: Connection,
    actor: Actor,
    selection: Selection,
    wish: Wish,
    *,
    bulk_id: str,
    expected: int,
    rules: Rules = by_default,
    now: int,
) -> Done:
    """Do the same to every item of a selection, or to none; to the first thousand where there are more.

    Raises Changed when they are not as many as `expected`, else what an act on one of them raises. The same bulk id
    twice is one act.
    """
    wish = wish.checked()
    identifier(bulk_id, "bulk", LONGEST)
    chosen = _chosen(connection, actor, selection, wish)
    rows = connection.execute(select(*COLUMNS).where(chosen).order_by(item.c.id).limit(MOST).with_for_update()).all()
    if (before := _before(connection, actor, bulk_id)) is not None:
        return Done(bulk_id, before, _left(connection, selection, chosen))
    number = _number(connection, chosen)
    if number != expected or len(rows) != min(number, MOST):
        raise Changed(f"the selection holds {number} items, not {expected}")
    if not rows:
        raise Wrong("nothing is selected")
    many = [_ruled(Locked(*row), actor, wish, bulk_id, place, rules, now) for place, row in enumerate(rows)]
    many[0] = msgspec.structs.replace(many[0], of=len(many))
    acted = write(connection, many, now)
    return Done(bulk_id, tuple(acted), _left(connection, selection, chosen))


def _ruled(row: Locked, actor: Actor, wish: Wish, bulk_id: str, place: int, rules: Rules, now: int) -> Ruled:
    try:
        one = ruled(row, actor, wish, _named(bulk_id, place), rules, now)
    except Wrong as error:
        raise Wrong(f"item {row.id}: {error}") from None
    return msgspec.structs.replace(one, bulk_id=bulk_id)


def _named(bulk_id: str, place: int) -> str:
    """Return the id of a ruling of a bulk; the first one's is the bulk's, so that a repeat is known by it."""
    return bulk_id if place == 0 else f"{bulk_id}:{place}"


def _number(connection: Connection, chosen: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(item).where(chosen)).scalar_one()


def _left(connection: Connection, selection: Selection, chosen: ColumnElement[bool]) -> int:
    """Return how many items a repeat of the selection would reach; ids are reached at once."""
    return 0 if selection.ids else _number(connection, chosen)


def _before(connection: Connection, actor: Actor, bulk_id: str) -> tuple[Acted, ...] | None:
    """Return what came of a bulk that was done already, None for a new one; raise Wrong for another one's id."""
    chosen = select(ruling.c.by, ruling.c.bulk_id, item.c.content_id).join(item, item.c.id == ruling.c.item_id)
    first = connection.execute(chosen.where(ruling.c.id == bulk_id)).first()
    if first is None:
        return None
    if (first.by, first.bulk_id) != (actor.account, bulk_id):
        raise Wrong("this id names another ruling: each has its own")
    of = next((body.of for body in about(connection, first.content_id, MOST) if body.id == bulk_id), None)
    rows = connection.execute(
        select(ruling.c.item_id, item.c.version, ruling.c.id)
        .join(item, item.c.id == ruling.c.item_id)
        .where(ruling.c.id.in_([_named(bulk_id, place) for place in range(of or 1)]))
        .order_by(ruling.c.item_id)
    )
    return tuple(Acted(*row) for row in rows)


def _chosen(connection: Connection, actor: Actor, selection: Selection, wish: Wish) -> ColumnElement[bool]:
    """Return the condition on the items of a selection."""
    for right in ("bulk", wish.right):
        if not may(actor.grants, right):
            raise Forbidden(right)
    if (selection.like is None) == (not selection.ids) or (selection.like is None) != (selection.item_id is None):
        raise Wrong("a selection is ids, or what is like an item")
    if selection.ids:
        return _by_ids(connection, actor, selection.ids, wish)
    return _alike(connection, actor, selection, wish)


def _by_ids(connection: Connection, actor: Actor, ids: Sequence[int], wish: Wish) -> ColumnElement[bool]:
    """Choose items that may be seen; raise Forbidden where one of them may not be acted upon."""
    if len(set(ids)) > MOST:
        raise Wrong(f"at most {MOST:,} items at once")
    named = item.c.id.in_(sorted(set(ids)))
    visible = and_(named, within(scope_of(actor.grants)))
    allowed = and_(named, *_allowed(actor, wish))
    count = select(func.count()).select_from(item)
    if connection.execute(count.where(visible, ~allowed)).scalar_one():
        raise Forbidden(wish.right)
    return visible


def _alike(connection: Connection, actor: Actor, selection: Selection, wish: Wish) -> ColumnElement[bool]:
    """Choose open items that may be acted upon."""
    columns = (item.c.id, item.c.user_id, item.c.text_hash)
    one = connection.execute(
        select(*columns).where(item.c.id == selection.item_id, within(scope_of(actor.grants)))
    ).first()
    if one is None:
        raise NotThere
    like: ColumnElement[bool]
    match selection.like:
        case "author":
            like = item.c.user_id == one.user_id
        case "text":
            like = item.c.id == one.id if one.text_hash is None else item.c.text_hash == one.text_hash
        case _:
            hashes = select(media.c.sha256).where(media.c.item_id == one.id, media.c.sha256.is_not(None))
            like = or_(item.c.id == one.id, item.c.id.in_(select(media.c.item_id).where(media.c.sha256.in_(hashes))))
    chosen = and_(like, item.c.open == 1, *_allowed(actor, wish))
    # What stays open is not reached again by a repeat.
    match wish.act:
        case "escalate":
            return and_(chosen, item.c.escalated == 0)
        case "deescalate":
            return and_(chosen, item.c.escalated == 1)
        case _:
            return chosen


def _allowed(actor: Actor, wish: Wish) -> list[ColumnElement[bool]]:
    rights: tuple[Right, ...] = ("see", "bulk", wish.right)
    return [within(scope_of(actor.grants, right)) for right in rights]
