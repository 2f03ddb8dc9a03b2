from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from streams.store.database import Database
from streams.store.tables import metadata


def test_the_migrations_make_exactly_the_tables_of_the_list(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"target_metadata": metadata, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
