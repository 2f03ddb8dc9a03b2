"""Items to act on and people who do, for tests of acts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from streams.core.action import Action
from streams.core.decision import Decision
from streams.core.rights import Grant
from streams.core.ruling import Act, Ruling
from streams.core.verdict import StandingOrder
from streams.store.acting import Wish, act
from streams.store.actor import Acted, Actor
from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.tables import item, outbox
from streams.store.taking import take
from tests.unit.store.records import DECIDED, decision, message, read

NOW = DECIDED + 60_000

MODERATOR = Actor("mona", (Grant("moderator"),))
SENIOR = Actor("sven", (Grant("senior"),))
ADMIN = Actor("ada", (Grant("admin"),))
AUDITOR = Actor("otto", (Grant("auditor"),))
STRANGER = Actor("stan", (Grant("senior", tenants=("elsewhere",)),))


def opened(database: Database, *decisions: Decision, text: str = "Send me money") -> list[int]:
    """Store decisions, each with its message, and return the ids of their items."""
    made = decisions or (decision(),)
    messages = [message(one.content_id, text, tenant=one.tenant) for one in made if one.kind == "message"]
    with database.writing() as connection:
        take(connection, Batch(decisions=read(*made), messages=read(*messages, topic="messages")), DECIDED)
        rows = connection.execute(select(item.c.content_id, item.c.id)).all()
    ids = {row.content_id: row.id for row in rows}
    return [ids[one.content_id] for one in made]


def row_of(database: Database, item_id: int) -> Any:
    with database.reading() as connection:
        return connection.execute(select(item).where(item.c.id == item_id)).one()


def rows(database: Database, table: Any) -> Sequence[Any]:
    with database.reading() as connection:
        return connection.execute(select(table)).all()


def sent(database: Database) -> list[Ruling | StandingOrder]:
    """Return what is on its way to Kafka, in order."""
    with database.reading() as connection:
        waiting = connection.execute(select(outbox.c.record, outbox.c.value).order_by(outbox.c.id)).all()
    kinds: dict[str, Any] = {"ruling": Ruling, "standing_order": StandingOrder}
    return [msgspec.json.decode(row.value, type=kinds[row.record]) for row in waiting]


def approve(connection: Connection, actor: Actor, item_id: int, **given: Any) -> Acted:
    return _act(connection, actor, item_id, "approve", given)


def override(connection: Connection, actor: Actor, item_id: int, *, action: Action, **given: Any) -> Acted:
    return _act(connection, actor, item_id, "override", given, action=action)


def undo(connection: Connection, actor: Actor, item_id: int, **given: Any) -> Acted:
    return _act(connection, actor, item_id, "override", given, action="allow")


def escalate(connection: Connection, actor: Actor, item_id: int, *, priority: int = 0, **given: Any) -> Acted:
    return _act(connection, actor, item_id, "escalate", given, priority=priority)


def deescalate(connection: Connection, actor: Actor, item_id: int, **given: Any) -> Acted:
    return _act(connection, actor, item_id, "deescalate", given)


def _act(connection: Connection, actor: Actor, item_id: int, what: Act, given: Any, **wanted: Any) -> Acted:
    wish = Wish(what, reason=given.pop("reason", None), **wanted)
    return act(connection, actor, item_id, wish, **given)
