from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Index, TextClause, text
from sqlalchemy.schema import CreateIndex

from streams.store.database import Database
from streams.store.tables import metadata

ORDERED = [
    index
    for table in metadata.sorted_tables
    for index in table.indexes
    if any(isinstance(each, TextClause) for each in index.expressions)
]


def test_the_migrations_make_exactly_the_tables_of_the_list(database: Database) -> None:
    # What searches in texts has differs from database to database, test_searching holds it; and Alembic cannot see
    # which way an index of SQLite is ordered.
    unseen = [index.name for index in ORDERED] if database.dialect == "sqlite" else []

    def seen(_: Any, name: str | None, *__: Any) -> bool:
        return name not in {"ix_item_text", *unseen} and not str(name).startswith("item_text")

    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "target_metadata": metadata,
                "compare_type": True,
                "compare_server_default": True,
                "include_object": seen,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_indexes_with_a_direction_are_those_of_the_list(database: Database) -> None:
    if database.dialect == "postgresql":
        return
    with database.reading() as connection:
        made: dict[str, str] = dict(
            connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'")).all()
        )
        assert ORDERED
        assert {index.name: made[str(index.name)] for index in ORDERED} == {
            index.name: _made_by(index, connection.dialect) for index in ORDERED
        }


def _made_by(index: Index, dialect: Any) -> str:
    return str(CreateIndex(index).compile(dialect=dialect)).strip()
