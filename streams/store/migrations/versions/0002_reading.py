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
# As in store/searching, which asks for the very same expression.
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
VECTOR = "to_tsvector('simple'::regconfig, translate(text, '" + SIGNS.replace("'", "''") + f"', '{' ' * len(SIGNS)}'))"
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
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX ix_item_text ON item USING gin ({VECTOR}) WITH (gin_pending_list_limit = 512)")
    else:
        for statement in SEARCHED:
            op.execute(statement)
