"""A database for every test that asks for one, once as a SQLite file, once on PostgreSQL."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.tables import metadata
from tests.loopback.postgres import Postgres, programs

USED = "used"  # database of one test after the other


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run one PostgreSQL server for all tests of a process."""
    found = programs()
    if found is None:
        assert "CI" not in os.environ, "no PostgreSQL: apt-get install postgresql"
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with Postgres(found) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """Make the tables in a database of which each test gets a copy; return its name."""
    postgres.execute("CREATE DATABASE template")
    database = Database(postgres.url("template"))
    migrated(database)
    database.close()
    return "template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables in a file of which each test gets a copy."""
    path = tmp_path_factory.mktemp("store") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrated(database)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty store with all tables."""
    if request.param == "sqlite":
        path = tmp_path / "review.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("postgres_template")
    if not emptied(server, USED):  # a hundredth of a second; a copy of the template takes half of one
        server.execute(f"DROP DATABASE IF EXISTS {USED} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {USED} TEMPLATE {template} STRATEGY FILE_COPY")
    yield server.url(USED)


def emptied(server: Postgres, name: str) -> bool:
    """Remove what a test left in a database; say no where it is not there, or its tables are not as they were."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(end, [name])
        with psycopg.connect(server.url(name)) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            if {table for (table,) in found} != {*metadata.tables, "alembic_version"}:
                return False
            for table in reversed(metadata.sorted_tables):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
            sequences = connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
            for (sequence,) in sequences.fetchall():
                connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))
    except psycopg.Error:
        return False
    return True


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return an empty store with all tables."""
    store = Database(database_url)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"bare_{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")
