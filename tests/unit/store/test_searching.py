from sqlalchemy import delete, insert, select, update

from streams.core.queue_filter import Filter
from streams.store import tables
from streams.store.database import Database
from streams.store.queue import page
from streams.store.scope import EVERYTHING
from streams.store.searching import COMMON, holding
from tests.unit.store.stored import NOW, put


def found(database: Database, searched: str) -> list[int]:
    with database.reading() as connection:
        rows = page(connection, EVERYTHING, Filter(text=searched, status="all"), None, 200, "ann", NOW).rows
        return sorted(row.id for row in rows)


HELD = [
    ("Get FREE money now", "free"),
    ("Get FREE money now", "MONEY free"),
    ("ПРИВЕТ всем", "привет"),
    ("see https://evil.example/path?a=1", "evil"),
    ("see https://evil.example/path?a=1", "evil.example"),
    ("mail bob@example.com", "bob@example.com"),
    ("<script>alert(1)</script>", "alert"),
    ("call +49-170-1234567", "1234567"),
    ("a_b", "b"),
    ("it's", "it's"),
    ("5 < 6 & 7 > 3", "7"),
    ("100%sure", "sure"),
    ("NEAR the OR and NOT", "NOT OR NEAR"),
    ("你好 世界", "世界"),
]
NOT_HELD = [
    "",
    "  ",
    "'",
    '"',
    "*",
    "fre",
    "free -money x",
    "money AND coin",
    "fr*",
    "fr:*",
    '"free" OR',
    "NEAR(free, 1)",
]


def test_a_text_is_found_by_words_that_it_holds(database: Database) -> None:
    with database.writing() as connection:
        for number, (text, _) in enumerate(HELD, start=1):
            put(connection, number, text=text)
        put(connection, 100, text="nothing of it")
        put(connection, 101)
    for text, searched in HELD:
        alike = [number for number, (other, _) in enumerate(HELD, start=1) if other == text]
        assert found(database, searched) == alike, searched


def test_a_text_is_not_found_by_what_is_no_word_of_it(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1, text="Get free money now")
    for searched in NOT_HELD:
        assert found(database, searched) == [], searched


def test_a_changed_text_is_found_by_its_new_words_only(database: Database) -> None:
    with database.writing() as connection:
        for number in (1, 2, 3, 4):
            put(connection, number, text=None if number == 4 else "old words")
        connection.execute(update(tables.item).where(tables.item.c.id == 1).values(text="new words"))
        connection.execute(update(tables.item).where(tables.item.c.id == 2).values(text=None))
        connection.execute(delete(tables.item).where(tables.item.c.id == 3))
        connection.execute(update(tables.item).where(tables.item.c.id == 4).values(text="late words"))
    assert found(database, "old") == []
    assert found(database, "words") == [1, 4]
    assert found(database, "new words") == [1]
    if database.dialect == "sqlite":  # it says when the index is not what the texts are
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO item_text (item_text, rank) VALUES ('integrity-check', 1)")


def test_searches_use_the_index(database: Database) -> None:
    with database.reading() as connection:
        asked = select(tables.item.c.id).where(holding(connection, "free"))
        explain = "EXPLAIN " if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        compiled = asked.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        plan = " ".join(str(row) for row in connection.exec_driver_sql(explain + str(compiled)))
    assert ("item_text_words" if database.dialect == "postgresql" else "item_text VIRTUAL TABLE INDEX") in plan


def test_words_that_very_many_texts_hold_are_found_in_them(database: Database) -> None:
    with database.writing() as connection:
        row = put(connection, 1, text="one of many")
        shared = {name: value for name, value in row.items() if name not in {"found", "hashes"}}
        many = [
            {**shared, "id": number, "content_id": str(number), "decision": "{}"} for number in range(2, COMMON + 2)
        ]
        connection.execute(insert(tables.item), many)
        put(connection, COMMON + 2, text="another one")
    assert len(found(database, "one")) == 200
    assert found(database, "one another") == [COMMON + 2]
    assert len(found(database, "many")) == 200
