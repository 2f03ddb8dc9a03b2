"""What people write about an item: checked, so that every database takes it and nobody is buried in it."""

import re
from typing import Final

from streams.core.content import ID_LIMIT
from streams.store.not_done import Wrong

REASON: Final = ID_LIMIT  # characters
NOTE: Final = 4000
REFUSED: Final = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 no half of a surrogate pair


def written(text: str | None, what: str, most: int) -> str | None:
    """Return a text without white space around it, None for an empty one; raise Wrong for what cannot be kept."""
    if text is None:
        return None
    if len(text) > most + NOTE:  # nothing is done with 10 MB but to measure it
        raise Wrong(f"a {what} has at most {most:,} characters")
    text = text.strip()
    if len(text) > most:
        raise Wrong(f"a {what} has at most {most:,} characters")
    if REFUSED.search(text):
        raise Wrong(f"a {what} is Unicode text without the character 0")
    return text or None


def identifier(text: str, what: str, most: int = ID_LIMIT) -> str:
    """Return an id; raise Wrong for one that no record and no database takes."""
    if not 0 < len(text) <= most or REFUSED.search(text):
        raise Wrong(f"the id of a {what} has 1 to {most} characters of Unicode, none of them 0")
    return text
