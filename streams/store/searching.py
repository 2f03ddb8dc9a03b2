"""Search in texts: words in, the condition that an item's text holds all of them out.

Each database has a table `item_text` for it, which triggers on `item` keep in step (migration 0002): vectors of words
on PostgreSQL, a full-text index on SQLite. Words are runs of letters and digits, compared without regard to case as
far as the database's locale goes; nothing is stemmed or left out.
"""

import re
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, String, column, false, func, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSVECTOR

from streams.store.tables import item

WORD: Final = re.compile(r"[^\W_]+")

_VECTORS: Final = table("item_text", column("item_id", BigInteger), column("words", TSVECTOR))
_INDEX: Final = table("item_text", column("rowid", BigInteger))


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
        return item.c.id.in_(select(_VECTORS.c.item_id).where(_VECTORS.c.words.bool_op("@@")(all_of)))
    # A word in quotation marks is none of FTS5's operators.
    query = " ".join(f'"{word}"' for word in words)
    return item.c.id.in_(select(_INDEX.c.rowid).where(literal_column("item_text", String).bool_op("MATCH")(query)))
