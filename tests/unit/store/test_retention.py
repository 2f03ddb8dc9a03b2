from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from streams.store import retention
from streams.store.database import Database
from streams.store.tables import (
    audit,
    decision,
    item,
    message,
    note,
    outcome,
)

ROWS: Mapping[Table, Mapping[str, Any]] = {
    item: {
        "kind": "message",
        "user_id": "vex",
        "action": "flag",
        "first_action": "flag",
        "harm": 0,
        "revision": 0,
        "decision": "{}",
        "policy_id": "chat",
        "opened_at": 0,
        "received_at": 0,
        "touched_at": 0,
    },
    message: {"kind": "message", "user_id": "vex", "place": 0, "text": "hello"},
    decision: {"revision": 0, "source": "automatic", "action": "flag", "record": "{}"},
    outcome: {"decision_id": "d", "sink": "s3", "name": "move", "status": "done", "record": "{}"},
    note: {"by": "ada", "text": "seen"},
    audit: {"chain": "acts", "hash": "", "body": ""},
}


def put(connection: Connection, table: Table, **values: Any) -> None:
    connection.execute(insert(table).values({**ROWS[table], **values}))


def ids(database: Database, table: Table) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.execute(select(table.c.content_id)).scalars())


def test_old_texts_go_unless_an_open_item_lies_in_their_conversation(database: Database) -> None:
    with database.writing() as connection:
        put(connection, item, content_id="i1", conversation_id="open", open=1)
        put(connection, item, content_id="i2", conversation_id="closed", open=0)
        put(connection, item, content_id="i3", conversation_id="", open=1)
        for name, room, at in (
            ("old-open", "open", 10),
            ("old-closed", "closed", 10),
            ("old-alone", "", 10),
            ("new-closed", "closed", 20),
        ):
            put(connection, message, content_id=name, conversation_id=room, at=at)
        assert retention.old_messages(connection, 20) == 2
        assert retention.old_messages(connection, 20) == 0
    assert ids(database, message) == ["new-closed", "old-open"]


def test_the_oldest_go_first_and_no_more_than_asked_for(database: Database) -> None:
    with database.writing() as connection:
        for number in range(5):
            put(connection, message, content_id=f"m{number}", at=number)
        assert retention.old_messages(connection, 4, 3) == 3
        assert retention.old_messages(connection, 4, 3) == 1
    assert ids(database, message) == ["m4"]


def test_a_closed_item_goes_with_all_that_belongs_to_it_but_the_audit_log(database: Database) -> None:
    with database.writing() as connection:
        for number, (name, is_open, closed_at) in enumerate(
            (("closed", 0, 10), ("later", 0, 20), ("open", 1, None)), 1
        ):
            put(connection, item, id=number, content_id=name, open=is_open, closed_at=closed_at)
            put(connection, decision, content_id=name, at=5)
            put(connection, outcome, content_id=name, at=5)
            put(connection, note, item_id=number, at=5)
            put(connection, audit, seq=number, content_id=name, at=5)
        assert retention.closed_items(connection, 20) == 1
    for table in (item, decision, outcome):
        assert ids(database, table) == ["later", "open"]
    assert ids(database, audit) == ["closed", "later", "open"]
    with database.reading() as connection:
        assert connection.execute(select(note.c.item_id)).scalars().all() == [2, 3]


def test_outcomes_and_decisions_on_what_was_never_an_item_go(database: Database) -> None:
    with database.writing() as connection:
        put(connection, item, content_id="item", open=1)
        for name, at in (("item", 1), ("stray", 1), ("new", 30)):
            put(connection, outcome, content_id=name, at=at)
            put(connection, decision, content_id=name, at=at)
        assert retention.stray_outcomes(connection, 30) == 1
        assert retention.stray_decisions(connection, 30) == 1
    assert ids(database, outcome) == ids(database, decision) == ["item", "new"]
