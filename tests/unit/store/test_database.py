import os
import stat
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from streams.store.database import Database, Refused, StoreError, Unavailable
from streams.store.migrate import migrated
from streams.store.statements import among, inserted, upsert
from streams.store.tables import attempt, item, note, position
from tests.loopback.postgres import Postgres, programs

KEYS = ("topic", "partition")
WROTE = "what a user wrote"


def rows(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {row.topic: row.next for row in connection.execute(select(position))}


def put(database: Database, topic: str, end: int) -> None:
    with database.writing() as connection:
        connection.execute(insert(position).values(topic=topic, partition=0, next=end))


@pytest.fixture
def hasty(database_url: str) -> Iterator[Database]:
    """Return the same database, from which nobody waits long for others."""
    store = Database(database_url, wait=0.1)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("review.db", "is no URL"),
        ("", "is no URL"),
        ("mysql://root:secret@localhost/review", "names mysql"),
        ("postgresql+asyncpg://root:secret@localhost/review", "names postgresql+asyncpg"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///review.db?mode=ro", "a file takes none"),
        ("sqlite:////no/such/folder/review.db", "the folder of /no/such/folder/review.db is not there: make it"),
    ],
)
def test_a_url_that_names_no_database_of_ours_is_refused_with_what_to_do(url: str, told: str) -> None:
    with pytest.raises(StoreError) as refused:
        Database(url)
    assert told in str(refused.value)
    assert "secret" not in str(refused.value)
    assert refused.value.exit_code == 78


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, " * 100)
    with pytest.raises(StoreError, match="its file is no database"):
        migrated(Database(f"sqlite:///{tmp_path / 'letter.txt'}"))


def test_an_unknown_option_of_the_connection_is_refused_with_what_to_do() -> None:
    database = Database("postgresql://postgres@127.0.0.1:1/review?colour=blue", wait=0.1)
    with pytest.raises(StoreError, match="MODERATION_REVIEW_DATABASE has an option"), database.reading():
        pass


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(Database("postgresql://moderation:hunter2@127.0.0.1/review"))


def test_a_file_is_made_for_nobody_else_to_read(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'review.db'}")
    migrated(database)
    put(database, "actions", 1)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    database.close()


def test_what_was_written_is_read_by_the_next(database: Database) -> None:
    put(database, "actions", 5)
    assert rows(database) == {"actions": 5}


def test_nothing_is_left_of_a_transaction_in_which_something_was_raised(database: Database) -> None:
    def put_and_raise() -> None:
        with database.writing() as connection:
            connection.execute(insert(position).values(topic="actions", partition=0, next=5))
            raise KeyError

    with pytest.raises(KeyError):
        put_and_raise()
    assert rows(database) == {}


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(database: Database) -> None:
    counted = select(func.count()).select_from(position)
    with database.reading() as connection:
        before = connection.execute(counted).scalar_one()
        put(database, "actions", 5)
        assert connection.execute(counted).scalar_one() == before == 0
    assert rows(database) == {"actions": 5}


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable, match="read-only"), database.reading() as connection:
        connection.execute(insert(position).values(topic="actions", partition=0, next=5))
    put(database, "actions", 6)
    assert rows(database) == {"actions": 6}


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(Refused), database.writing() as connection:
        connection.execute(insert(note).values(item_id=77, by="ann", at=1, text="x"))


def test_a_refused_statement_is_told_without_the_row(database: Database) -> None:
    with pytest.raises(Refused) as refused, database.writing() as connection:
        connection.execute(insert(item).values(content_id=WROTE, kind="message", user_id="u1"))
    told = "".join(traceback.format_exception(refused.value))
    assert "INSERT INTO item" in str(refused.value)
    assert WROTE not in told


def test_who_waits_too_long_for_another_transaction_is_told_to_try_again(database: Database, hasty: Database) -> None:
    put(database, "actions", 5)
    change = text("UPDATE position SET next = next + 1")
    with database.writing() as connection:
        connection.execute(change)
        with pytest.raises(Unavailable, match="too long: try again"), hasty.writing() as other:
            other.execute(change)
    with hasty.writing() as connection:
        connection.execute(change)
    assert rows(database) == {"actions": 7}


def test_who_waits_too_long_for_a_connection_is_told_to_try_again(hasty: Database) -> None:
    held = [hasty.reading() for _ in range(20)]
    for each in held:
        each.__enter__()
    with pytest.raises(Unavailable, match="all connections are in use"), hasty.reading():
        pass
    for each in held:
        each.__exit__(None, None, None)
    assert rows(hasty) == {}


def test_a_full_disk_costs_the_transaction_and_nothing_else(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'review.db'}")
    migrated(database)
    put(database, "actions", 5)
    with database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    many = [{"topic": "x" * 240, "partition": number, "next": 1} for number in range(100)]
    with pytest.raises(Unavailable, match="full: try again"), database.writing() as connection:
        upsert(connection, position, [{"topic": "actions", "partition": 0, "next": 6}, *many], KEYS, ("next",))
    assert rows(database) == {"actions": 5}
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    put(database, "messages", 6)
    assert rows(database) == {"actions": 5, "messages": 6}
    database.close()


def test_a_database_that_is_read_only_is_unavailable(postgres: Postgres, postgres_template: str) -> None:
    del postgres_template
    url = f"{postgres.url('template')}?options=-c%20default_transaction_read_only%3Don"
    database = Database(url)
    with pytest.raises(Unavailable, match="read-only"):
        put(database, "actions", 5)
    database.close()


def test_a_server_that_stops_costs_the_transaction_and_one_that_is_back_is_used_again() -> None:
    found = programs()
    if found is None:
        assert "CI" not in os.environ, "no PostgreSQL: apt-get install postgresql"
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with Postgres(found) as server:
        database = Database(server.url())
        migrated(database)
        put(database, "actions", 5)

        def put_and_stop() -> None:
            with database.writing() as connection:
                connection.execute(insert(position).values(topic="messages", partition=0, next=5))
                server.stop()

        with pytest.raises(Unavailable, match="try again"):
            put_and_stop()
        with pytest.raises(Unavailable, match="it does not answer: try again"):
            rows(database)
        server.start()
        assert rows(database) == {"actions": 5}
        database.close()


def test_a_row_with_the_same_keys_is_changed_where_asked_for_and_left_where_not(database: Database) -> None:
    first = {"topic": "actions", "partition": 0, "next": 5}
    with database.writing() as connection:
        upsert(connection, position, [first], KEYS, ())
        upsert(connection, position, [first | {"next": 6}], KEYS, ())
    assert rows(database) == {"actions": 5}
    with database.writing() as connection:
        upsert(connection, position, [first | {"next": 3}], KEYS, ("next",))
    assert rows(database) == {"actions": 3}


def test_what_rises_does_not_fall(database: Database) -> None:
    with database.writing() as connection:
        for end in (5, 3, 7, 6):
            row = {"topic": "actions", "partition": 0, "next": end}
            upsert(connection, position, [row], KEYS, ("next",), rising="next")
    assert rows(database) == {"actions": 7}


def test_many_values_are_one_question(database: Database) -> None:
    with database.writing() as connection:
        many = [{"topic": f"t-{number}", "partition": 0, "next": number} for number in range(3000)]
        upsert(connection, position, many, KEYS, ())
        asked = select(position.c.next).where(among(connection, position.c.topic, [f"t-{n}" for n in range(2, 70_000)]))
        assert sorted(connection.execute(asked).scalars()) == list(range(2, 3000))
        assert connection.execute(select(position).where(among(connection, position.c.topic, []))).all() == []


def test_inserted_rows_are_told_by_what_the_database_gave_them(database: Database) -> None:
    with database.writing() as connection:
        names = [{"account": f"a-{number}", "address": "::1", "at": number} for number in range(3)]
        ids = inserted(connection, attempt, names, "account", "id")
    assert sorted(ids) == ["a-0", "a-1", "a-2"]
    assert len(set(ids.values())) == 3
