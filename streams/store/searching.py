"""Search in texts: words in, the condition that an item's text holds all of them out.

Each database has a table `item_text` for it, which triggers on `item` keep in step (migration 0002): vectors of words
on PostgreSQL, a full-text index on SQLite. Words are runs of letters and digits, compared without regard to case as
far as the database's locale goes; nothing is stemmed or left out.
"""

import re
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    column,
    exists,
    false,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from streams.store.tables import item

COMMON: Final = 3_000  # texts that hold the words: then they are sooner met with in the queue than all of them found
WORD: Final = re.compile(r"[^\W_]+")

_VECTORS: Final = table("item_text", column("item_id", BigInteger), column("words", TSVECTOR))
_INDEX: Final = table("item_text", column("rowid", BigInteger))


def words_of(searched: str) -> list[str]:
    """Return the words of what somebody searches for."""
    return WORD.findall(searched)


def holding(connection: Connection, searched: str) -> ColumnElement[bool]:
    """Return the condition that an item's text holds all words of what is searched for; without any, none does."""
    words = words_of(searched)
    if not words:
        return false()
    if connection.dialect.name == "postgresql":
        all_of = func.plainto_tsquery(literal_column("'simple'::regconfig"), " ".join(words))
        return item.c.id.in_(select(_VECTORS.c.item_id).where(_VECTORS.c.words.bool_op("@@")(all_of)))
    # A word in quotation marks is none of FTS5's operators.
    query = " ".join(f'"{word}"' for word in words)
    matching = select(_INDEX.c.rowid).where(literal_column("item_text", String).bool_op("MATCH")(query))
    some = connection.execute(select(func.count()).select_from(matching.limit(COMMON).subquery())).scalar_one()
    # SQLite does not know how common words are: it is told which way is short.
    return exists(matching.where(_INDEX.c.rowid == item.c.id)) if some == COMMON else item.c.id.in_(matching)
