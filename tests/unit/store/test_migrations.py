from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from streams.store.database import Database, Refused, StoreError
from streams.store.migrate import FOLDER, migrated, revision_of
from streams.store.tables import metadata


def names(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_gets_all_tables(bare_url: str) -> None:
    database = Database(bare_url)
    head = migrated(database)
    assert names(database) >= {*metadata.tables, "alembic_version"}
    with database.reading() as connection:
        assert revision_of(connection) == head
    database.close()


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO position (topic, partition, next) VALUES ('actions', 0, 5)"))
    assert migrated(database) == migrated(database)
    with database.reading() as connection:
        assert connection.execute(text("SELECT next FROM position")).scalar_one() == 5


def test_several_that_start_at_once_migrate_once(bare_url: str) -> None:
    stores = [Database(bare_url) for _ in range(3)]
    with ThreadPoolExecutor(len(stores)) as pool:
        assert len(set(pool.map(migrated, stores))) == 1
    for store in stores:
        store.close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(database: Database) -> None:
    head = migrated(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer moderation-streams: install that version"):
        migrated(database)
    with database.reading() as connection:
        assert revision_of(connection) == "9999"
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_somebody_elses_database_is_refused_and_left_alone(bare_url: str) -> None:
    database = Database(bare_url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE account (id INTEGER)"))
    with pytest.raises(StoreError, match=r"tables that are not ours \(account\): name an empty one"):
        migrated(database)
    assert names(database) == {"account"}
    database.close()


def test_a_migration_that_fails_leaves_nothing(bare_url: str) -> None:
    database = Database(bare_url)
    with database.writing() as connection:  # names that the end of the second revision wants
        connection.execute(text("CREATE TABLE item_text (id INTEGER)"))
        connection.execute(text("CREATE TABLE ix_item_text (id INTEGER)"))
    with pytest.raises(Refused, match="CREATE"):
        migrated(database)
    assert names(database) == {"item_text", "ix_item_text"}
    database.close()


def test_the_package_ships_every_file_of_the_migrations(root: Path) -> None:
    assert (root / "streams/store/migrations") == FOLDER
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} == {"env.py", "script.py.mako"}
    assert [path.name[:4] for path in sorted((FOLDER / "versions").glob("*.py"))] == ["0001", "0002"]
