"""Migrations: a database in, with all tables of this program out. The only place that knows Alembic.

Safe to run by every instance at each start, and by several at once: the first one does it, the others find it done.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from streams.store.database import Database
from streams.store.failure import StoreError
from streams.store.tables import metadata

FOLDER: Final = Path(__file__).with_name("migrations")
LOCK: Final = 0x6D6F6465  # of PostgreSQL, held by who migrates


def migrated(database: Database) -> str:
    """Bring a database to this program's tables, all or nothing; return the revision.

    Raises StoreError for tables that a newer program made, or none of ours, and Unavailable.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    if head is None:
        raise StoreError("the package lacks its migrations: install moderation-streams again")
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        at = revision_of(connection)
        if at == head:
            return head
        if at is None and (strange := sorted(metadata.tables.keys() & set(inspect(connection).get_table_names()))):
            raise StoreError(f"the database has tables that are not ours ({', '.join(strange)}): name an empty one")
        if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
            raise StoreError("the database was made by a newer moderation-streams: install that version")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return head


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()
