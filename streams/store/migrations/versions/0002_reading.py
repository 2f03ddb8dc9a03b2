"""What reading needs: indexes in the order of queues, search in texts, pictures that look alike."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WORST = ("open", sa.text("harm DESC"), "opened_at")
GONE = (
    ("item", ("queue", "tenant", "severity", "action", "kind", "closed")),
    ("found", ("label", "rule", "engine")),
)
MADE = (
    ("item", "queue", (*WORST, "id")),
    ("item", "tenant", ("tenant", *WORST, "id")),
    ("item", "action", ("action", *WORST, "id")),
    ("item", "kind", ("kind", *WORST, "id")),
    ("item", "language", ("language", *WORST, "id")),
    ("item", "pictured", ("pictured", *WORST, "id")),
    ("item", "claimed", ("claimed_until",)),
    ("item", "closed", ("open", "closed_at", "id")),
    ("found", "label", ("label", *WORST, "item_id")),
    ("found", "rule", ("rule", *WORST, "item_id")),
    ("found", "engine", ("engine", *WORST, "item_id")),
)
# PostgreSQL's parser takes addresses, tags and signed numbers for one word: without their signs they fall apart.
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".replace("'", "''")
# Beside the items: they change often, and their texts hardly ever.
WORDS = (
    """
    CREATE TABLE item_text
    (item_id bigint PRIMARY KEY REFERENCES item ON DELETE CASCADE, words tsvector NOT NULL)
    """,
    "CREATE INDEX item_text_words ON item_text USING gin (words) WITH (gin_pending_list_limit = 512)",
    f"""
    CREATE FUNCTION item_text_of(text text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, translate(text, '{SIGNS}', '{" " * len(SIGNS)}'))
    """,
    """
    CREATE FUNCTION item_text_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM item_text WHERE item_id = new.id;
        END IF;
        IF new.text IS NOT NULL THEN
            INSERT INTO item_text (item_id, words) VALUES (new.id, item_text_of(new.text));
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER item_text_made AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION item_text_changed()",
    """
    CREATE TRIGGER item_text_changed AFTER UPDATE OF text ON item
    FOR EACH ROW WHEN (old.text IS DISTINCT FROM new.text) EXECUTE FUNCTION item_text_changed()
    """,
    "INSERT INTO item_text (item_id, words) SELECT id, item_text_of(text) FROM item WHERE text IS NOT NULL",
)
# The table holds an index only, the texts are the items'. It must be told what it held when something goes.
SEARCHED = (
    """
    CREATE VIRTUAL TABLE item_text
    USING fts5(text, content = 'item', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0')
    """,
    """
    CREATE TRIGGER item_text_made AFTER INSERT ON item
    BEGIN INSERT INTO item_text (rowid, text) VALUES (new.id, new.text); END
    """,
    """
    CREATE TRIGGER item_text_gone AFTER DELETE ON item
    BEGIN INSERT INTO item_text (item_text, rowid, text) VALUES ('delete', old.id, old.text); END
    """,
    """
    CREATE TRIGGER item_text_changed AFTER UPDATE OF text ON item WHEN old.text IS NOT new.text
    BEGIN
        INSERT INTO item_text (item_text, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO item_text (rowid, text) VALUES (new.id, new.text);
    END
    """,
    "INSERT INTO item_text (item_text) VALUES ('rebuild')",
)


def upgrade() -> None:
    """Make the change."""
    op.add_column("item", sa.Column("pictured", sa.SmallInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE item SET pictured = 1 WHERE EXISTS (SELECT 1 FROM media WHERE media.item_id = item.id)")
    op.create_table(
        "likeness",
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pdq", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("part", "pdq"),
    )
    for table, names in GONE:
        for name in names:
            op.drop_index(f"ix_{table}_{name}", table)
    for table, name, columns in MADE:
        op.create_index(f"ix_{table}_{name}", table, list(columns))
    for statement in WORDS if op.get_bind().dialect.name == "postgresql" else SEARCHED:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
