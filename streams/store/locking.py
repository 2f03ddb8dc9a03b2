"""The item that somebody is about to act on: locked until the transaction ends, if he may, and if it is as he saw it."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from streams.core.audit import Record, body_of
from streams.core.rights import Right, may
from streams.store.actor import Actor
from streams.store.auditing import newest
from streams.store.not_done import Change, Changed, Forbidden, NotThere
from streams.store.tables import found, item

TOLD: Final = 20  # acts on one item that are told to who comes late

COLUMNS: Final = (
    item.c.id,
    item.c.content_id,
    item.c.tenant,
    item.c.user_id,
    item.c.version,
    item.c.open,
    item.c.action,
    item.c.severity,
    item.c.confidence,
    item.c.found_by,
    item.c.escalated,
    item.c.priority,
    item.c.decision,
    item.c.policy_id,
    item.c.text,
    item.c.touched_at,
    item.c.closed_at,
    item.c.claimed_by,
    item.c.claimed_until,
    item.c.assigned_to,
    item.c.erased_at,
)
Locked = Row[Any]  # an item with these columns


def locked(connection: Connection, actor: Actor, item_id: int, right: Right) -> Locked:
    """Return an item and keep it from others until the transaction ends; raise NotThere or Forbidden."""
    row = connection.execute(select(*COLUMNS).where(item.c.id == item_id).with_for_update()).first()
    labels = connection.execute(select(found.c.label).where(found.c.item_id == item_id)).scalars().all()
    if row is None or not may(actor.grants, "see", row.tenant, labels):
        raise NotThere
    if not may(actor.grants, right, row.tenant, labels):
        raise Forbidden(right)
    return row


def unchanged(connection: Connection, row: Locked, version: int | None) -> None:
    """Raise Changed, with what happened since, unless an item still has the version that somebody saw; None: any."""
    if version is None or version == row.version:
        return
    raise Changed(
        f"the item has version {row.version}, not {version}", version=row.version, what=since(connection, row, version)
    )


def since(connection: Connection, row: Locked, version: int) -> list[Change]:
    """Return what happened to an item after it had a version, oldest first; of the machine where nobody acted."""
    bodies = [body_of(one) for one in newest(connection, "acts", TOLD, content_id=row.content_id)]
    acts = [Change(body.by, body.act, body.at) for body in reversed(bodies) if (body.version or 0) > version]
    return acts or [Change("", "decision", row.touched_at)]


def known(connection: Connection, content_id: str, act_id: str) -> Record | None:
    """Return the record of an act on a content by the act's id, None where it was never done."""
    for one in newest(connection, "acts", TOLD, content_id=content_id):
        try:
            if body_of(one).id == act_id:
                return one
        except msgspec.MsgspecError:
            continue
    return None
