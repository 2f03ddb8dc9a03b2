"""A database for every test that asks for one, once as a SQLite file, once on PostgreSQL."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.store.database import Database
from streams.store.migrate import migrated
from tests.loopback.postgres import Postgres, programs


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
    name = f"test_{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return an empty store with all tables."""
    store = Database(database_url)
    yield store
    store.close()
