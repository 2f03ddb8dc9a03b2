"""What one fetch of Kafka brought in, rows out: items with what was found of them, decisions, contents, outcomes.

The same records again change nothing, older ones never replace newer ones, and positions only move forward. The number
of statements does not grow with that of the records.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, update

from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.erased import erased
from streams.store import tables
from streams.store.batch import Batch, Place, Read, Taken, UserStanding
from streams.store.contents import SHARED, message_row, shown, upload_row
from streams.store.erasing import strip_outcomes
from streams.store.judged_item import found_rows, makes_item, media_rows, moment, opened, revised
from streams.store.near import remember
from streams.store.statements import among, inserted, upsert
from streams.store.storable import as_json, id_of

Row = dict[str, Any]

# What of an item its decisions and its message may change, and what is looked at to say how.
_ITEM: Final = tuple(
    tables.item.c[name]
    for name in (
        *("id", "content_id", "kind", "version", "open", "action", "first_action", "severity", "confidence"),
        *("found_by", "escalated", "priority", "harm", "revision", "ruling_id", "decision", "policy_id", "opened_at"),
        *("received_at", "closed_at", "touched_at", "pictured", "text", "text_hash", "erased_at", *SHARED),
    )
)
_UNTOLD: Final = dict.fromkeys(("text", "text_hash", "user_role", "user_created_at", "user_trusted")) | {"language": ""}
_decision: Final = msgspec.json.Decoder(Decision)


class _Item(NamedTuple):
    """An item that the batch is about."""

    row: Row
    before: Row  # as it is stored; empty for a new one
    newest: Decision | None  # where what is found of it must be written anew


def take(connection: Connection, batch: Batch, now: int) -> Taken:
    """Store what a batch brought, in the transaction of the connection; `now` in milliseconds since 1970."""
    contents = _contents(connection, batch)
    outcomes = _outcomes(connection, batch.outcomes)
    decisions = _by_content(batch.decisions)
    stored = _items(connection, decisions.keys() | contents.keys() | outcomes)
    gone = {id_ for id_, row in stored.items() if row["erased_at"] is not None}
    if gone:  # what is still told of an erased content is erased as it comes
        decisions |= {
            id_: [read._replace(record=erased(read.record)) for read in decisions[id_]]
            for id_ in gone & decisions.keys()
        }
        strip_outcomes(connection, gone & outcomes)
    opening = {id_: reads for id_, reads in decisions.items() if id_ not in stored and _makes_item(reads)}
    known = contents | _messages(connection, opening.keys() - contents.keys())
    made = _insert(connection, [_opened(reads, known.get(id_), now) for id_, reads in opening.items()])
    changed = [
        _changed(row, decisions.get(id_, ()), contents.get(id_), now, heard=id_ in outcomes)
        for id_, row in stored.items()
    ]
    _update(connection, changed)
    judged = [*made, *(each for each in changed if each.newest is not None)]
    _found(connection, judged)
    _decisions(connection, [read for id_ in opening.keys() | stored.keys() for read in decisions.get(id_, ())])
    _standings(connection, batch.standings)
    _positions(connection, batch.positions)
    return Taken(
        opened=len(made),
        revised=len(judged) - len(made),
        told=sum(1 for each in changed if each.row["text"] != each.before["text"]),
    )


def _contents(connection: Connection, batch: Batch) -> dict[str, Row]:
    """Store texts and captions; return their rows by content id."""
    rows: dict[str, Row] = {}
    for row in (*map(message_row, batch.messages), *map(upload_row, batch.uploads)):
        rows.setdefault(row["content_id"], row)
    upsert(connection, tables.message, list(rows.values()), ("content_id",), ())
    return rows


def _outcomes(connection: Connection, reads: Sequence[Read[Outcome]]) -> set[str]:
    """Store what became of effects; return the ids of contents of which that is news."""
    rows: dict[tuple[str, ...], Row] = {}
    for row in (_outcome(read.record) for read in reads):
        key = _key(row)
        if key not in rows or row["at"] >= rows[key]["at"]:
            rows[key] = row
    columns = tables.outcome.c
    ids = {row["content_id"] for row in rows.values()}
    known = {_key(row): row for row in _rows(connection, tables.outcome.columns.values(), columns.content_id, ids)}
    news = [
        row for key, row in rows.items() if key not in known or (row != known[key] and row["at"] >= known[key]["at"])
    ]
    upsert(connection, tables.outcome, news, _OUTCOME, ("at", "status", "record"), rising="at")
    return {row["content_id"] for row in news}


_OUTCOME: Final = ("content_id", "decision_id", "sink", "name")


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in _OUTCOME)


def _outcome(record: Outcome) -> Row:
    return {
        "content_id": id_of(record.content_id),
        "decision_id": id_of(record.decision_id),
        "sink": record.sink,
        "name": id_of(record.name),
        "at": record.at,
        "status": record.status,
        "record": as_json(record),
    }


def _by_content(reads: Iterable[Read[Decision]]) -> dict[str, list[Read[Decision]]]:
    """Return decisions by content id, each revision once, the lowest first."""
    grouped: dict[str, dict[int, Read[Decision]]] = {}
    for read in reads:
        grouped.setdefault(id_of(read.record.content_id), {}).setdefault(read.record.revision, read)
    return {id_: [each for _, each in sorted(found.items())] for id_, found in grouped.items()}


def _makes_item(reads: Sequence[Read[Decision]]) -> bool:
    return any(makes_item(read.record) for read in reads)


def _items(connection: Connection, ids: Collection[str]) -> dict[str, Row]:
    """Return what is stored of items by content id, locked until the transaction ends."""
    if not ids:
        return {}
    locked = (
        select(*_ITEM)
        .where(among(connection, tables.item.c.content_id, ids))
        .order_by(tables.item.c.id)
        .with_for_update()
    )
    return {row["content_id"]: dict(row) for row in connection.execute(locked).mappings()}


def _messages(connection: Connection, ids: Collection[str]) -> dict[str, Row]:
    """Return contents that were stored before, by content id."""
    columns = [tables.message.c[name] for name in ("content_id", "text", *SHARED)]
    return {row["content_id"]: row for row in _rows(connection, columns, tables.message.c.content_id, ids)}


def _rows(connection: Connection, columns: Iterable[Any], key: Any, ids: Collection[str]) -> Iterator[Row]:
    if ids:
        yield from map(dict, connection.execute(select(*columns).where(among(connection, key, ids))).mappings())


def _opened(reads: Sequence[Read[Decision]], content: Row | None, now: int) -> _Item:
    """Return a new item after its first decisions."""
    first, *later = (read for at, read in enumerate(reads) if _makes_item(reads[: at + 1]))
    newest, row = first, opened(first.record, first.at, now)
    for newest in later:
        row |= revised(row, newest.record, newest.at, now)
    row |= _UNTOLD if content is None else shown(row["kind"], content)
    return _Item(row, {}, newest.record)


def _changed(before: Row, reads: Sequence[Read[Decision]], content: Row | None, now: int, *, heard: bool) -> _Item:
    """Return an item that is stored, after more decisions on it, its content, or outcomes."""
    row, newest = dict(before), None
    for read in reads:
        if changes := revised(row, read.record, read.at, now):
            row |= changes
            newest = read.record if read.record.revision == row["revision"] else _decision.decode(row["decision"])
    if content is not None and row["erased_at"] is None and all(row[name] == none for name, none in _UNTOLD.items()):
        told = shown(row["kind"], content)
        if told != _UNTOLD:
            row |= told | {"version": row["version"] + 1, "touched_at": now}
    if heard:
        row["touched_at"] = now
    return _Item(row, before, newest)


def _insert(connection: Connection, items: Sequence[_Item]) -> list[_Item]:
    """Store new items; return them with their ids."""
    ids = inserted(connection, tables.item, [each.row for each in items], "content_id", "id")
    return [each._replace(row={**each.row, "id": ids[each.row["content_id"]]}) for each in items]


def _update(connection: Connection, items: Iterable[_Item]) -> None:
    """Store what changed: one statement for all items of which the same columns did."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row, before, _ in items:
        changed = tuple(name for name, value in row.items() if value != before[name])
        if changed:
            alike.setdefault(changed, []).append({"of": row["id"], **{name: row[name] for name in changed}})
    for columns, rows in alike.items():
        statement = update(tables.item).where(tables.item.c.id == bindparam("of"))
        connection.execute(statement.values({name: bindparam(name) for name in columns}), rows)


def _found(connection: Connection, items: Sequence[_Item]) -> None:
    """Store what is found of items, and their pictures and videos."""
    again = [each.row["id"] for each in items if each.before]
    if again:
        connection.execute(delete(tables.found).where(tables.found.c.item_id.in_(again)))
    judged = [(each.row, each.newest) for each in items if each.newest is not None]
    rows = [found for row, decision in judged for found in found_rows(row["id"], row, decision)]
    upsert(connection, tables.found, rows, ("item_id", "engine", "rule"), ())
    media = [found for row, decision in judged for found in media_rows(row["id"], decision)]
    upsert(connection, tables.media, media, ("item_id", "number"), ())
    remember(connection, (each["pdq"] for each in media if each["pdq"] is not None))


def _decisions(connection: Connection, reads: Iterable[Read[Decision]]) -> None:
    rows = [
        {
            "content_id": id_of(read.record.content_id),
            "revision": read.record.revision,
            "at": moment(read.record.decided_at, read.at),
            "source": read.record.source,
            "action": read.record.action,
            "record": as_json(read.record),
        }
        for read in reads
    ]
    upsert(connection, tables.decision, rows, ("content_id", "revision"), ())


def _standings(connection: Connection, reads: Iterable[Read[UserStanding]]) -> None:
    last = {id_of(read.record.user_id): read.record.standing for read in reads}
    gone = [user_id for user_id, standing in last.items() if standing is None]
    if gone:
        connection.execute(delete(tables.standing).where(among(connection, tables.standing.c.user_id, gone)))
    rows = [
        {"user_id": user_id, "at": standing.at, "record": as_json(standing)}
        for user_id, standing in last.items()
        if standing is not None
    ]
    upsert(connection, tables.standing, rows, ("user_id",), ("at", "record"), rising="at")


def _positions(connection: Connection, positions: Mapping[Place, int]) -> None:
    rows = [{"topic": topic, "partition": number, "next": end} for (topic, number), end in positions.items()]
    upsert(connection, tables.position, rows, ("topic", "partition"), ("next",), rising="next")
