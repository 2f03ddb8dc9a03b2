"""What changed lately: a moment in, the newest changes since out, with what says who may see them."""

import msgspec
from sqlalchemy import Connection, func, select

from streams.core.label import Severity
from streams.store.listing import labels_of, severity_of
from streams.store.tables import item


class Touched(msgspec.Struct, frozen=True):
    """An item whose row changed; no content."""

    id: int
    tenant: str
    version: int
    open: bool
    action: str
    severity: Severity | None
    escalated: bool
    kind: str
    user_id: str
    conversation_id: str
    opened_at: int
    touched_at: int  # milliseconds since 1970, by the clock of who changed it
    claimed_by: str | None
    claimed_until: int
    labels: tuple[str, ...]


_COLUMNS = (
    item.c.id,
    item.c.tenant,
    item.c.version,
    item.c.open,
    item.c.action,
    item.c.severity,
    item.c.escalated,
    item.c.kind,
    item.c.user_id,
    item.c.conversation_id,
    item.c.opened_at,
    item.c.touched_at,
    item.c.claimed_by,
    item.c.claimed_until,
)


def newest(connection: Connection) -> int:
    """Return when an item last changed; 0 where there is none."""
    return connection.execute(select(func.max(item.c.touched_at))).scalar_one() or 0


def touched(connection: Connection, since: int, limit: int) -> list[Touched]:
    """Return the last `limit` changes at or after a moment, newest first; of each item its last."""
    asked = select(*_COLUMNS).where(item.c.touched_at >= since)
    rows = connection.execute(asked.order_by(item.c.touched_at.desc(), item.c.id.desc()).limit(limit)).all()
    labels = labels_of(connection, [row.id for row in rows]) if rows else {}
    return [
        Touched(
            **{
                **row._mapping,  # noqa: SLF001  its public name
                "open": bool(row.open),
                "escalated": bool(row.escalated),
                "severity": severity_of(row.severity),
                "labels": labels.get(row.id, ()),
            }
        )
        for row in rows
    ]
