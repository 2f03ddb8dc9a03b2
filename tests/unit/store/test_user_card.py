import msgspec
from sqlalchemy import insert

from streams.core.restriction import Restriction, Standing, Strike, Violation
from streams.store import tables
from streams.store.database import Database
from streams.store.scope import EVERYTHING, Scope
from streams.store.user_card import user_card
from tests.unit.store.stored import NOW, put

STANDING = Standing(
    "u1",
    NOW - 1,
    strikes=(
        Strike("content-1", "scam", NOW - 50, NOW + 1, weight=2),
        Strike("content-2", "scam", NOW - 50, NOW),
        Strike("elsewhere", "spam", NOW - 50),
    ),
    restrictions=(Restriction("mute", NOW - 5, "ladder", NOW), Restriction("restrict", NOW - 5, "ann", None)),
    trusted=False,
    violations=7,
    past=(Violation("content-1", "scam", "block", NOW - 60), Violation("elsewhere", "spam", "block", NOW - 50)),
)


def lay(database: Database, standing: Standing) -> None:
    record = msgspec.json.encode(standing).decode()
    with database.writing() as connection:
        connection.execute(insert(tables.standing).values(user_id=standing.user_id, at=standing.at, record=record))


def test_a_card_tells_what_lies_upon_a_user_now(database: Database) -> None:
    lay(database, STANDING)
    with database.writing() as connection:
        put(connection, 1, user_role="guest", user_created_at=5, user_trusted=True, opened_at=NOW - 9)
        put(connection, 2, user_role="member", user_created_at=6, user_trusted=True, open=0, opened_at=NOW - 8)
        put(connection, 3, user_id="u2")
    with database.reading() as connection:
        card = user_card(connection, EVERYTHING, "u1", NOW)
    assert card is not None
    assert (card.role, card.created_at, card.trusted) == ("member", 6, False)
    assert (card.violations, card.strikes, card.open, card.closed) == (7, 3, 1, 1)
    assert [each.content_id for each in card.struck] == ["content-1", "elsewhere"]
    assert [each.kind for each in card.restrictions] == ["restrict"]
    assert [each.content_id for each in card.past] == ["elsewhere", "content-1"]


def test_a_card_tells_how_past_items_ended(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1, open=0, action="allow", opened_at=NOW - 9)
        put(connection, 2, opened_at=NOW - 8)
        given = {"item_id": 1, "act": "override", "by": "ann", "from_action": "flag", "to_action": "allow"}
        rulings = [
            {**given, "id": "r1", "at": 1, "confirmed": 1},
            {**given, "id": "r2", "at": 2, "by": "bob", "confirmed": 0},
        ]
        connection.execute(insert(tables.ruling), rulings)
    with database.reading() as connection:
        card = user_card(connection, EVERYTHING, "u1", NOW)
    assert card is not None
    newest, ended = card.items
    assert (newest.item_id, newest.open, newest.ruled_by, newest.confirmed) == (2, True, None, None)
    assert (ended.item_id, ended.open, ended.ruled_by, ended.confirmed) == (1, False, "bob", False)
    assert (ended.first_action, ended.action, ended.labels) == ("flag", "allow", ("scam",))
    assert (card.trusted, card.violations, card.strikes, card.restrictions) == (None, 0, 0, ())


def test_contents_outside_of_the_scope_are_not_named(database: Database) -> None:
    lay(database, STANDING)
    with database.writing() as connection:
        put(connection, 1, tenant="a")
        put(connection, 2, tenant="b")
    with database.reading() as connection:
        card = user_card(connection, Scope(("a",), None), "u1", NOW)
        assert card is not None
        assert [each.content_id for each in card.struck] == ["content-1"]
        assert [each.content_id for each in card.past] == ["content-1"]
        assert ([each.item_id for each in card.items], card.open, card.closed) == ([1], 1, 0)
        assert (card.strikes, card.violations) == (3, 7)
        assert user_card(connection, Scope(("c",), None), "u1", NOW) is None


def test_a_user_of_whom_only_the_standing_is_known_is_seen_by_who_sees_everything(database: Database) -> None:
    lay(database, STANDING)
    with database.reading() as connection:
        card = user_card(connection, EVERYTHING, "u1", NOW)
        assert card is not None
        assert (card.role, card.trusted, card.items) == (None, False, ())
        assert user_card(connection, Scope(("a",), None), "u1", NOW) is None
        assert user_card(connection, EVERYTHING, "u2", NOW) is None
