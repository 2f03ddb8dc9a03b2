"""An item with all that its page shows: a scope and an id in, one value out."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, select

from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.store.listing import rows_of
from streams.store.rows import Found, Item, Medium, Noted, Ruled
from streams.store.scope import Scope, within
from streams.store.tables import decision, found, item, media, note, outcome, ruling
from streams.store.user_card import confirmed, user_card

MOST: Final = 200  # decisions, outcomes, rulings, notes; of more the newest

_decision: Final = msgspec.json.Decoder(Decision)
_location: Final = msgspec.json.Decoder(Location)
_outcome: Final = msgspec.json.Decoder(Outcome)
_COLUMNS: Final = tuple(
    item.c[name]
    for name in (
        *("content_id", "user_id", "text", "text_hash", "first_action", "revision", "ruling_id", "decision"),
        *("policy_id", "received_at", "touched_at", "erased_at"),
    )
)


def item_of(connection: Connection, scope: Scope, item_id: int, now: int) -> Item | None:
    """Return an item; None for one that is not in scope."""
    asked = select(*_COLUMNS).where(item.c.id == item_id, within(scope))
    one = connection.execute(asked).one_or_none()
    if one is None:
        return None
    user = user_card(connection, scope, one.user_id, now)
    assert user is not None, "this item of the user is in scope"  # noqa: S101  what `user_card` promises
    return Item(
        row=rows_of(connection, [item_id])[0],
        text=one.text,
        text_hash=one.text_hash,
        first_action=one.first_action,
        revision=one.revision,
        ruling_id=one.ruling_id,
        policy_id=one.policy_id,
        received_at=one.received_at,
        touched_at=one.touched_at,
        erased_at=one.erased_at,
        decision=_decision.decode(one.decision),
        found=tuple(Found(each.engine, each.rule, each.label) for each in _all(connection, found, item_id, "rule")),
        media=tuple(
            Medium(each.number, each.kind, _location.decode(each.location), each.sha256, each.pdq)
            for each in _all(connection, media, item_id, "number")
        ),
        decisions=tuple(
            _decision.decode(each.record) for each in _newest(connection, decision, one.content_id, "revision")
        ),
        outcomes=tuple(_outcome.decode(each.record) for each in _newest(connection, outcome, one.content_id, "at")),
        rulings=tuple(
            Ruled(
                id=each.id,
                act=each.act,
                by=each.by,
                at=each.at,
                from_action=each.from_action,
                to_action=each.to_action,
                reason=each.reason,
                confirmed=confirmed(each.confirmed),
                bulk_id=each.bulk_id,
            )
            for each in _newest(connection, ruling, item_id, "at")
        ),
        notes=tuple(Noted(each.id, each.by, each.at, each.text) for each in _newest(connection, note, item_id, "id")),
        user=user,
    )


def _all(connection: Connection, table: Table, item_id: int, order: str) -> list[Any]:
    return list(connection.execute(select(table).where(table.c.item_id == item_id).order_by(table.c[order])))


def _newest(connection: Connection, table: Table, key: int | str, order: str) -> list[Any]:
    """Return the rows of an item, or of a content, the newest MOST of them in order."""
    named = table.c.item_id if isinstance(key, int) else table.c.content_id
    rows = connection.execute(select(table).where(named == key).order_by(table.c[order].desc()).limit(MOST))
    return list(rows)[::-1]
