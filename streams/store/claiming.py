"""Whose an item is: claims that expire, and whom it is given to. Each is a change that others see, and in the log."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select, update

from streams.core.audit import Event
from streams.core.rights import Grant, may
from streams.store.actor import Acted, Actor
from streams.store.auditing import append
from streams.store.locking import Locked, locked, unchanged
from streams.store.not_done import Change, Changed, Wrong
from streams.store.tables import account, found, item
from streams.store.written import identifier

LEASE_MS: Final = 300_000
LONGEST_MS: Final = 3_600_000

_grants: Final = msgspec.json.Decoder(tuple[Grant, ...]).decode


def claim(
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    lease_ms: int = LEASE_MS,
    version: int | None = None,
    now: int,
) -> Acted:
    """Keep an item from others for a while; again, for as long from now on, which is no change that others see.

    Raises NotThere, Forbidden, Wrong, and Changed where somebody else has it.
    """
    if not 0 < lease_ms <= LONGEST_MS:
        raise Wrong(f"a claim lasts at most {LONGEST_MS // 1000} s")
    row = locked(connection, actor, item_id, "claim")
    if not row.open:
        raise Wrong("the item is closed: there is nothing to claim")
    held = now < row.claimed_until
    if held and row.claimed_by == actor.account:
        connection.execute(update(item).where(item.c.id == row.id).values(claimed_until=now + lease_ms))
        return Acted(row.id, row.version)
    if held:
        by = row.claimed_by or ""
        raise Changed(f"{by} has claimed the item", version=row.version, what=[Change(by, "claim", row.touched_at)])
    unchanged(connection, row, version)
    values = {"claimed_by": actor.account, "claimed_until": now + lease_ms}
    return _changed(connection, actor, row, "claim", values, now)


def release(connection: Connection, actor: Actor, item_id: int, *, now: int) -> Acted:
    """Give a claimed item back; does nothing where it is not one's own. Raises NotThere or Forbidden."""
    row = locked(connection, actor, item_id, "claim")
    if row.claimed_by != actor.account:
        return Acted(row.id, row.version)
    return _changed(connection, actor, row, "release", {"claimed_by": None, "claimed_until": 0}, now)


def assign(
    connection: Connection, actor: Actor, item_id: int, *, to: str | None, version: int | None = None, now: int
) -> Acted:
    """Give an item to an account, or to nobody; raise NotThere, Forbidden, Changed, or Wrong where it cannot see it."""
    row = locked(connection, actor, item_id, "claim")
    if to == row.assigned_to:
        return Acted(row.id, row.version)
    unchanged(connection, row, version)
    if to is not None:
        identifier(to, "account")
        chosen = select(account.c.grants).where(account.c.name == to, account.c.disabled.is_(False))
        grants = connection.execute(chosen).scalar()
        labels = connection.execute(select(found.c.label).where(found.c.item_id == row.id)).scalars().all()
        if grants is None or not may(_grants(grants), "claim", row.tenant, labels):
            raise Wrong("there is no account of this name that may work on the item")
    return _changed(connection, actor, row, "assign", {"assigned_to": to}, now, to=to)


def _changed(
    connection: Connection,
    actor: Actor,
    row: Locked,
    what: str,
    values: dict[str, Any],
    now: int,
    to: str | None = None,
) -> Acted:
    changed = update(item).where(item.c.id == row.id)
    connection.execute(changed.values(**values, version=row.version + 1, touched_at=now))
    event = Event(
        act=what,
        by=actor.account,
        content_id=row.content_id,
        item_id=row.id,
        user_id=row.user_id,
        version=row.version + 1,
        to=to,
    )
    append(connection, "acts", event, now)
    return Acted(row.id, row.version + 1)
