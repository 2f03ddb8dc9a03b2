"""What Alembic runs to migrate: in the transaction of who asks, on its connection."""

from alembic import context

from streams.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can do it: all of a migration, or nothing
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
