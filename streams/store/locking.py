"""The item that somebody is about to act on: locked until the transaction ends, if he may act, and if he saw it so."""

from typing import Final

import msgspec
from sqlalchemy import Connection, select

from streams.core.action import Action
from streams.core.audit import Body
from streams.core.rights import Right, may
from streams.store.actor import Actor
from streams.store.auditing import about
from streams.store.not_done import Change, Changed, Forbidden, NotThere
from streams.store.tables import found, item

TOLD: Final = 20  # acts on one item that are told to who comes late


class Locked(msgspec.Struct, frozen=True, gc=False):
    """What of an item acts look at."""

    id: int
    content_id: str
    tenant: str
    user_id: str
    version: int
    open: int
    action: Action
    severity: int  # core/harm.rank_of
    confidence: float | None
    found_by: int
    escalated: int
    priority: int
    decision: str  # JSON
    policy_id: str
    text: str | None
    touched_at: int
    claimed_by: str | None
    claimed_until: int
    assigned_to: str | None
    erased_at: int | None


COLUMNS: Final = tuple(item.c[name] for name in Locked.__struct_fields__)


def locked(connection: Connection, actor: Actor, item_id: int, right: Right) -> Locked:
    """Return an item and keep it from others until the transaction ends; raise NotThere or Forbidden."""
    row = connection.execute(select(*COLUMNS).where(item.c.id == item_id).with_for_update()).first()
    labels = connection.execute(select(found.c.label).where(found.c.item_id == item_id)).scalars().all()
    if row is None or not may(actor.grants, "see", row.tenant, labels):
        raise NotThere
    if not may(actor.grants, right, row.tenant, labels):
        raise Forbidden(right)
    return Locked(*row)


def unchanged(connection: Connection, row: Locked, version: int | None) -> None:
    """Raise Changed, with what happened since, unless an item still has the version that somebody saw; None: any."""
    if version is None or version == row.version:
        return
    raise Changed(
        f"the item has version {row.version}, not {version}", version=row.version, what=since(connection, row, version)
    )


def since(connection: Connection, row: Locked, version: int) -> list[Change]:
    """Return what happened to an item after it had a version, oldest first; of the machine where nobody acted."""
    bodies = reversed(about(connection, row.content_id, TOLD))
    acts = [Change(body.by, body.act, body.at) for body in bodies if (body.version or 0) > version]
    return acts or [Change("", "decision", row.touched_at)]


def done(connection: Connection, row: Locked, act_id: str) -> Body | None:
    """Return what the log says of an act on an item by the act's id, None where it is none of the last."""
    return next((body for body in about(connection, row.content_id, TOLD) if body.id == act_id), None)
