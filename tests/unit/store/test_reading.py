from typing import TypeVar

from sqlalchemy import insert

from streams.core.content import Location
from streams.core.effect import Outcome
from streams.core.judged_object import JudgedObject
from streams.store import tables
from streams.store.batch import Batch, Read
from streams.store.database import Database
from streams.store.reading import MOST, item_of
from streams.store.rows import Found, Item, Noted
from streams.store.scope import EVERYTHING, Scope
from streams.store.taking import take
from tests.unit.store.records import decision, message, triggered
from tests.unit.store.stored import NOW, put

R = TypeVar("R")


def read(database: Database, item_id: int = 1, scope: Scope = EVERYTHING) -> Item | None:
    with database.reading() as connection:
        return item_of(connection, scope, item_id, NOW)


def at(record: R, topic: str) -> Read[R]:
    return Read(record, topic, 0, 7, NOW - 100)


def test_an_item_is_read_with_all_that_its_page_shows(database: Database) -> None:
    picture = JudgedObject("image", Location(bucket="b", key="k"), sha256="f" * 64)
    lines = (triggered(), triggered("links", "pattern", "spam"))
    first = decision("m1", triggered=lines, objects=(picture,))
    outcomes = [
        Outcome("m1", first.decision_id, 0, "sns", "alert", "notify", "failed", NOW - 40, reason="timeout"),
        Outcome("m1", first.decision_id, 0, "s3", "keep", "keep", "done", NOW - 30),
    ]
    with database.writing() as connection:
        batch = Batch(
            decisions=[at(first, "actions")],
            messages=[at(message("m1", "x" * 400), "messages")],
            outcomes=[at(outcome, "outcomes") for outcome in reversed(outcomes)],
        )
        take(connection, batch, NOW)
        for number, text in enumerate(("one", "two")):
            connection.execute(insert(tables.note).values(item_id=1, by="ann", at=NOW + number, text=text))
        given = {"item_id": 1, "act": "approve", "by": "ann", "from_action": "flag", "to_action": "allow"}
        connection.execute(insert(tables.ruling).values(**given, id="r1", at=NOW, confirmed=0, reason="fine"))
    found = read(database)
    assert found is not None
    assert (found.row.id, found.row.content_id, found.row.labels, found.row.media) == (1, "m1", ("scam", "spam"), 1)
    assert (found.text, found.row.text) == ("x" * 400, "x" * 280)
    assert found.found == (Found("pattern", "links", "spam"), Found("blocklist", "terms", "scam"))
    assert [(each.number, each.location, each.sha256) for each in found.media] == [(0, picture.location, "f" * 64)]
    assert (found.decision, found.decisions) == (first, (first,))
    assert found.outcomes == tuple(outcomes)
    assert [(each.by, each.text, each.at) for each in found.notes] == [("ann", "one", NOW), ("ann", "two", NOW + 1)]
    assert isinstance(found.notes[0], Noted)
    assert [(each.id, each.act, each.confirmed, each.reason) for each in found.rulings] == [
        ("r1", "approve", False, "fine")
    ]
    assert (found.user.user_id, found.user.role, found.user.open) == ("u1", "member", 1)


def test_decisions_are_read_oldest_first(database: Database) -> None:
    revisions = [decision("m1", revision) for revision in range(3)]
    with database.writing() as connection:
        take(connection, Batch(decisions=[at(each, "actions") for each in reversed(revisions)]), NOW)
    found = read(database)
    assert found is not None
    assert found.decisions == tuple(revisions)
    assert found.decision == revisions[-1]


def test_of_very_many_notes_the_newest_are_read(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1)
        rows = [{"item_id": 1, "by": "ann", "at": NOW, "text": str(number)} for number in range(MOST + 5)]
        connection.execute(insert(tables.note), rows)
    found = read(database)
    assert found is not None
    assert [each.text for each in found.notes] == [str(number) for number in range(5, MOST + 5)]


def test_an_item_that_is_not_there_and_one_out_of_scope_are_the_same(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1, tenant="a")
    assert read(database, 1, Scope(("a",), None)) is not None
    assert read(database, 1, Scope(("b",), None)) is None
    assert read(database, 2) is None
