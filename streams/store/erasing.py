"""Erasure: a user in; every word that he wrote, and that was written about it, out of the store.

Ids, labels, actions and the audit chain stay. What is on its way to Kafka is rewritten, and his standing is ordered to
be forgotten. The platform's own records of him are the platform's to erase.
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, bindparam, delete, func, select, text, update

from streams.core.audit import Event
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.erased import erased, erased_outcome, erased_ruling
from streams.core.rights import may
from streams.core.ruling import Ruling
from streams.core.verdict import StandingOrder
from streams.store import tables
from streams.store.actor import Actor
from streams.store.auditing import append
from streams.store.not_done import Forbidden, NotThere
from streams.store.outbox import put
from streams.store.scope import EVERYTHING, scope_of, within
from streams.store.written import identifier

BATCH: Final = 1000

_decision: Final = msgspec.json.Decoder(Decision).decode
_outcome: Final = msgspec.json.Decoder(Outcome).decode
_ruling: Final = msgspec.json.Decoder(Ruling).decode
_order: Final = msgspec.json.Decoder(StandingOrder).decode


class Erased(msgspec.Struct, frozen=True):
    """How much was erased."""

    items: int
    messages: int
    decisions: int
    notes: int
    texts: int  # notes and reasons in the audit log
    waiting: int  # records on their way to Kafka that were rewritten


def erase_user(connection: Connection, actor: Actor, user_id: str, now: int) -> Erased:
    """Erase what a user wrote, and what was written about it; raise NotThere, Forbidden, or Wrong for what is no id.

    Who may erase for some tenants or labels only may not where the user has anything besides. Again, it erases what
    came since.
    """
    _allowed(connection, actor, identifier(user_id, "user"))
    items, decisions, notes = 0, 0, 0
    for ids, content_ids in _items(connection, user_id):
        items += len(ids)
        decisions += _decisions(connection, ids, content_ids, now)
        notes += _written(connection, ids)
    done = Erased(
        items=items,
        messages=_messages(connection, user_id),
        decisions=decisions,
        notes=notes,
        texts=connection.execute(delete(tables.audit_text).where(tables.audit_text.c.user_id == user_id)).rowcount,
        waiting=_waiting(connection, user_id),
    )
    connection.execute(delete(tables.standing).where(tables.standing.c.user_id == user_id))
    if connection.dialect.name == "sqlite":
        # The index keeps the words of texts that are gone until its parts are merged.
        connection.execute(text("INSERT INTO item_text (item_text) VALUES ('optimize')"))
    order_id = secrets.token_hex(16)
    told = msgspec.structs.asdict(done)
    append(connection, "acts", Event(act="erase", by=actor.account, user_id=user_id, id=order_id, more=told), now)
    put(connection, [StandingOrder(user_id, order_id, "forget", now, actor.account)], now)
    return done


def _allowed(connection: Connection, actor: Actor, user_id: str) -> None:
    if not may(actor.grants, "erase"):
        raise Forbidden("erase")
    scope = scope_of(actor.grants, "erase")
    if scope == EVERYTHING:
        return
    his = select(func.count()).select_from(tables.item).where(tables.item.c.user_id == user_id)
    some = connection.execute(his.where(within(scope))).scalar_one()
    tenants = connection.execute(
        select(tables.message.c.tenant).where(tables.message.c.user_id == user_id).distinct()
    ).scalars()
    seen = [may(actor.grants, "erase", tenant) for tenant in tenants]
    if not some and not any(seen):
        raise NotThere("user")
    if connection.execute(his).scalar_one() > some or not all(seen):
        raise Forbidden("erase")


def _items(connection: Connection, user_id: str) -> Iterator[tuple[list[int], list[str]]]:
    """Yield ids and content ids of a user's items in batches; each is locked when it comes."""
    after = 0
    chosen = (
        select(tables.item.c.id, tables.item.c.content_id)
        .where(tables.item.c.user_id == user_id, tables.item.c.id > bindparam("after"))
        .order_by(tables.item.c.id)
        .limit(BATCH)
        .with_for_update()
    )
    while rows := connection.execute(chosen, {"after": after}).all():
        yield [row.id for row in rows], [row.content_id for row in rows]
        after = rows[-1].id


def _decisions(connection: Connection, ids: Sequence[int], content_ids: Sequence[str], now: int) -> int:
    """Strip items, their decisions and outcomes; return how many decisions there were."""
    item, decision = tables.item, tables.decision
    newest = connection.execute(select(item.c.id, item.c.decision).where(item.c.id.in_(ids))).all()
    connection.execute(
        update(item)
        .where(item.c.id == bindparam("row"))
        .values(
            decision=bindparam("stripped"),
            version=item.c.version + 1,
            open=0,
            closed_at=func.coalesce(item.c.closed_at, now),
            touched_at=now,
            erased_at=now,
            text=None,
            text_hash=None,
            language="",
            user_role=None,
            user_created_at=None,
            user_trusted=None,
            pictured=0,
            claimed_by=None,
            claimed_until=0,
        ),
        [{"row": row.id, "stripped": _json(erased(_decision(row.decision)))} for row in newest],
    )
    connection.execute(update(tables.found).where(tables.found.c.item_id.in_(ids)).values(open=0))
    connection.execute(delete(tables.media).where(tables.media.c.item_id.in_(ids)))
    kept = connection.execute(select(decision).where(decision.c.content_id.in_(content_ids))).all()
    _rewritten(
        connection,
        decision,
        ("content_id", "revision"),
        [dict(row._mapping) | {"record": _json(erased(_decision(row.record)))} for row in kept],  # noqa: SLF001
    )
    strip_outcomes(connection, content_ids)
    return len(kept)


def strip_outcomes(connection: Connection, content_ids: Collection[str]) -> None:
    """Take what outcomes say of where contents lie out of the store."""
    outcome = tables.outcome
    ended = connection.execute(select(outcome).where(outcome.c.content_id.in_(content_ids))).all()
    _rewritten(
        connection,
        outcome,
        ("content_id", "decision_id", "sink", "name"),
        [dict(row._mapping) | {"record": _json(erased_outcome(_outcome(row.record)))} for row in ended],  # noqa: SLF001
    )


def _written(connection: Connection, ids: Sequence[int]) -> int:
    """Erase what moderators wrote about items; return how many notes there were."""
    note, ruling = tables.note, tables.ruling
    noted = connection.execute(update(note).where(note.c.item_id.in_(ids), note.c.text != "").values(text=""))
    connection.execute(update(ruling).where(ruling.c.item_id.in_(ids)).values(reason=None))
    return noted.rowcount


def _messages(connection: Connection, user_id: str) -> int:
    return connection.execute(delete(tables.message).where(tables.message.c.user_id == user_id)).rowcount


def _waiting(connection: Connection, user_id: str) -> int:
    """Strip what of the user is on its way: whoever sends it finds it changed, or has sent it already."""
    outbox = tables.outbox
    chosen = select(outbox.c.id, outbox.c.record, outbox.c.value).where(outbox.c.key == user_id.encode())
    rows = connection.execute(chosen.with_for_update()).all()
    for row in rows:
        stripped: Any
        if row.record == "ruling":
            stripped = erased_ruling(_ruling(row.value))
        else:
            stripped = msgspec.structs.replace(_order(row.value), why=None)
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(value=msgspec.json.encode(stripped)))
    return len(rows)


def _rewritten(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        same = [table.c[key] == bindparam(f"its_{key}") for key in keys]
        changed = [{f"its_{key}": row[key] for key in keys} | {"stripped": row["record"]} for row in rows]
        connection.execute(update(table).where(*same).values(record=bindparam("stripped")), changed)


def _json(record: Decision | Outcome) -> str:
    return msgspec.json.encode(record).decode()
