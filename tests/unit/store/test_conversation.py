from typing import Any

import pytest
from sqlalchemy import insert

from streams.store import tables
from streams.store.conversation import conversation, more
from streams.store.cursor import ForeignCursor
from streams.store.database import Database
from streams.store.rows import Conversation
from streams.store.scope import EVERYTHING, Scope
from tests.unit.store.stored import NOW, put


def talk(database: Database, places: range, **given: Any) -> None:
    """Put messages `content-N` of place N in conversation c1 in."""
    rows = [
        {
            "content_id": f"content-{place}",
            "conversation_id": "c1",
            "tenant": "",
            "kind": "message",
            "user_id": "u1",
            "place": place,
            "at": NOW - 1000 + place,
            "text": f"text {place}",
            **given,
        }
        for place in places
    ]
    with database.writing() as connection:
        connection.execute(insert(tables.message), rows)


def places(found: Conversation | None) -> list[int]:
    assert found is not None
    return [each.place for each in found.messages]


def test_ten_messages_before_the_item_and_the_replies_after(database: Database) -> None:
    talk(database, range(1, 51))
    with database.writing() as connection:
        put(connection, 20, conversation_id="c1")
    with database.reading() as connection:
        found = conversation(connection, EVERYTHING, 20)
        assert found is not None
        assert places(found) == list(range(10, 41))
        assert [each.place for each in found.messages if each.here] == [20]
        assert found.earlier is not None
        assert found.later is not None
        sooner, later = (more(connection, EVERYTHING, 20, cursor, 6) for cursor in (found.earlier, found.later))
        assert sooner is not None
        assert later is not None
        assert (places(sooner), sooner.later) == ([4, 5, 6, 7, 8, 9], None)
        assert (places(later), later.earlier) == ([41, 42, 43, 44, 45, 46], None)
        assert sooner.earlier is not None
        assert later.later is not None
        first, last = (more(connection, EVERYTHING, 20, cursor, 6) for cursor in (sooner.earlier, later.later))
        assert first is not None
        assert last is not None
        assert (places(first), first.earlier) == ([1, 2, 3], None)
        assert (places(last), last.later) == ([47, 48, 49, 50], None)


def test_decisions_are_marked_where_they_are_known_and_in_scope(database: Database) -> None:
    talk(database, range(1, 5))
    with database.writing() as connection:
        put(connection, 1, conversation_id="c1", found=[("a", "x", "drugs")], action="block", open=0)
        put(connection, 2, conversation_id="c1", found=[("a", "x", "scam"), ("a", "y", "spam")])
    with database.reading() as connection:
        for scope, marked in ((EVERYTHING, (1, "block", False, ("drugs",))), (Scope(None, ("scam",)), None)):
            found = conversation(connection, scope, 2)
            assert found is not None
            first, here, after, _ = found.messages
            assert (here.item_id, here.action, here.open, here.labels, here.here) == (
                2,
                "flag",
                True,
                ("scam", "spam"),
                True,
            )
            assert (first.item_id, first.action, first.open, first.labels) == (marked or (None, None, None, ()))
            assert (after.item_id, after.action, after.open, after.text) == (None, None, None, "text 3")


def test_another_tenants_conversation_of_the_same_name_is_another_one(database: Database) -> None:
    talk(database, range(1, 4))
    talk(database, range(11, 14), tenant="other")
    with database.writing() as connection:
        put(connection, 12, conversation_id="c1", tenant="other")
    with database.reading() as connection:
        assert places(conversation(connection, EVERYTHING, 12)) == [11, 12, 13]


def test_a_picture_is_placed_by_its_time_and_captions_are_no_messages(database: Database) -> None:
    talk(database, range(1, 5))
    talk(database, range(9, 10), kind="image")
    with database.writing() as connection:
        put(connection, 9, kind="image", conversation_id="c1", received_at=NOW - 1000 + 2)
        put(connection, 99, kind="image", conversation_id="c1", received_at=0)
    with database.reading() as connection:
        found = conversation(connection, EVERYTHING, 9, before=1, after=1)
        assert found is not None
        assert places(found) == [2, 3]
        assert (found.earlier is not None, found.later is not None) == (True, True)
        assert not any(each.here for each in found.messages)
        assert places(conversation(connection, EVERYTHING, 99, before=1, after=1)) == [1]


def test_without_a_conversation_there_is_the_message_alone(database: Database) -> None:
    talk(database, range(1, 5), conversation_id="")
    with database.writing() as connection:
        put(connection, 2)
    with database.reading() as connection:
        assert places(conversation(connection, EVERYTHING, 2)) == [2]
        assert conversation(connection, EVERYTHING, 3) is None


def test_a_cursor_of_another_conversation_is_refused(database: Database) -> None:
    talk(database, range(1, 50))
    with database.writing() as connection:
        put(connection, 20, conversation_id="c1")
        put(connection, 21, conversation_id="c1")
    with database.reading() as connection:
        found = conversation(connection, EVERYTHING, 20)
        assert found is not None
        assert found.later is not None
        with pytest.raises(ForeignCursor):
            more(connection, EVERYTHING, 21, found.later)
        with pytest.raises(ValueError, match="1 to 100"):
            more(connection, EVERYTHING, 20, found.later, 0)
        assert more(connection, EVERYTHING, 4, found.later) is None
