"""Search in texts: words in, the condition that an item's text holds all of them out.

PostgreSQL has an index of an expression for it (migration 0002), SQLite a full-text table that triggers keep in step.
Words are runs of letters and digits, compared without regard to case; nothing is stemmed or left out.
"""

import re
from typing import Final

from sqlalchemy import ColumnElement, Integer, String, column, false, func, literal_column, select, table

from streams.store.tables import item

WORD: Final = re.compile(r"[^\W_]+")
# PostgreSQL's parser takes addresses, tags and signed numbers for one word: without their signs they fall apart.
SIGNS: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
INDEXED: Final = table("item_text", column("rowid", Integer), column("text"))

_VECTOR: Final = (
    "to_tsvector('simple'::regconfig, translate(item.text, '" + SIGNS.replace("'", "''") + f"', '{' ' * len(SIGNS)}'))"
)


def words_of(searched: str) -> list[str]:
    """Return the words of what somebody searches for."""
    return WORD.findall(searched)


def holding(searched: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that an item's text holds all words of what is searched for; without any, none does."""
    words = words_of(searched)
    if not words:
        return false()
    if dialect == "postgresql":
        all_of = func.plainto_tsquery(literal_column("'simple'::regconfig"), " ".join(words))
        return literal_column(_VECTOR, String).bool_op("@@")(all_of)
    # A word in quotation marks is none of FTS5's operators.
    query = " ".join(f'"{word}"' for word in words)
    matching = select(INDEXED.c.rowid).where(literal_column("item_text", String).bool_op("MATCH")(query))
    return item.c.id.in_(matching)
