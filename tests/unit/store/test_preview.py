from typing import Any

import msgspec
from sqlalchemy import insert, update

from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.finding import Evidence
from streams.core.judged_object import JudgedObject
from streams.store.database import Database
from streams.store.preview import Preview, preview
from streams.store.scope import EVERYTHING, Scope
from streams.store.tables import found, item, media, outcome
from tests.unit.core.test_sighting import decided, rule

NOW = 1_790_000_000_000
HOME = Location(bucket="media", key="a.jpg", version_id="1")
AWAY = Location(bucket="quarantine", key="c/0-1", version_id="7")


BOXED = decided("image", rule("qr_code", Evidence(box=(0, 0, 9, 9))))


def put(database: Database, *objects: JudgedObject, tenant: str = "", decision: Decision = BOXED) -> int:
    """Put an item with a decision on these objects there; return its id."""
    decision = msgspec.structs.replace(decision, objects=objects)
    with database.writing() as connection:
        row = {
            "content_id": "c",
            "tenant": tenant,
            "kind": decision.kind,
            "user_id": "u",
            "action": "block",
            "first_action": "block",
            "harm": 0,
            "revision": 0,
            "decision": msgspec.json.encode(decision).decode(),
            "policy_id": "shop",
            "opened_at": NOW,
            "received_at": NOW,
            "touched_at": NOW,
        }
        item_id = int(connection.execute(insert(item).values(row).returning(item.c.id)).scalar_one())
        for number, each in enumerate(objects):
            location = msgspec.json.encode(each.location).decode()
            values = {"item_id": item_id, "number": number, "kind": each.kind, "location": location}
            connection.execute(insert(media).values(**values, sha256=each.sha256))
    return item_id


def done(database: Database, revision: int, at: int, *objects: JudgedObject, **changes: Any) -> None:
    """Put an outcome of the executor of S3 there."""
    keys = {"sink": "s3", "name": "move", "work": "quarantine", "status": "done", **changes}
    record = Outcome("c", f"d{revision}", revision, at=at, objects=objects, **keys)
    with database.writing() as connection:
        connection.execute(
            insert(outcome).values(
                content_id="c",
                decision_id=record.decision_id,
                sink=record.sink,
                name=record.name,
                at=at,
                status=record.status,
                record=msgspec.json.encode(record).decode(),
            )
        )


def seen(database: Database, item_id: int, number: int = 0, scope: Scope = EVERYTHING) -> Preview | None:
    with database.reading() as connection:
        return preview(connection, scope, item_id, number)


def places(database: Database, item_id: int, number: int = 0) -> tuple[Location, ...]:
    known = seen(database, item_id, number)
    assert known is not None
    return known.places


def test_an_object_that_nobody_moved_lies_where_it_was_judged(database: Database) -> None:
    one = put(database, JudgedObject("image", HOME, "ab"))
    known = seen(database, one)
    assert known is not None
    assert (known.kind, known.sha256, known.places) == ("image", "ab", (HOME,))
    assert [each.box for each in known.sightings] == [(0, 0, 9, 9)]


def test_an_object_in_quarantine_is_looked_for_there_first_and_at_home_again_after_an_undo(database: Database) -> None:
    one = put(database, JudgedObject("image", HOME, "ab"))
    done(database, 0, NOW, JudgedObject("image", AWAY, "ab"))
    done(database, 0, NOW + 5, sink="sns", work="notify")
    assert places(database, one) == (AWAY, HOME)
    back = msgspec.structs.replace(HOME, version_id="3")
    done(database, 1, NOW + 9, JudgedObject("image", back, "ab"), work="keep")
    done(database, 2, NOW + 10, work="delete", status="waiting")
    assert places(database, one) == (back, HOME)


def test_what_was_deleted_lies_nowhere(database: Database) -> None:
    one = put(database, JudgedObject("image", HOME, "ab"))
    done(database, 0, NOW, work="delete")
    assert places(database, one) == ()


def test_of_several_objects_each_is_found_though_some_could_not_be_moved(database: Database) -> None:
    other = Location(bucket="media", key="b.jpg")
    one = put(database, JudgedObject("image", other, "cd"), JudgedObject("image", HOME, "ab"))
    done(database, 0, NOW, JudgedObject("image", AWAY, "ab"), status="failed", reason="object_gone")
    assert places(database, one, 0) == (other,)
    assert places(database, one, 1) == (AWAY, HOME)


def test_what_is_out_of_scope_erased_or_no_object_is_not_there(database: Database) -> None:
    one = put(database, JudgedObject("image", HOME, "ab"), tenant="a")
    assert seen(database, one, scope=Scope(("a",), None)) is not None
    assert seen(database, one, scope=Scope(("b",), None)) is None
    assert seen(database, one, scope=Scope(("a",), ("qr_code",))) is None
    with database.writing() as connection:
        values = {"item_id": one, "engine": "qr", "rule": "r", "label": "qr_code", "open": 1, "harm": 0}
        connection.execute(insert(found).values(**values, opened_at=NOW))
    assert seen(database, one, scope=Scope(("a",), ("qr_code",))) is not None
    assert seen(database, one, number=1) is None
    assert seen(database, one + 1) is None
    with database.writing() as connection:
        connection.execute(update(item).values(erased_at=NOW))
    assert seen(database, one) is None
