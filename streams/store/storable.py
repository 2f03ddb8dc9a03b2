"""Texts as both databases store them: any text of Python in, one that they take and give back out.

PostgreSQL refuses NUL, and halves of surrogate pairs have no encoding; both become U+FFFD, which is seen as what it
is. Nothing is lost of a text that a person can read. JSON keeps NUL as its escape.
"""

import re
from hashlib import sha256
from typing import Any, Final

import msgspec

from streams.core.normal import normal
from streams.store.tables import ID

_REFUSED: Final = re.compile("[\x00\ud800-\udfff]")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_encode: Final = msgspec.json.Encoder().encode


def storable(text: str, limit: int | None = None) -> str:
    """Return a text without what databases refuse, cut to `limit` characters."""
    kept = _REFUSED.sub("\ufffd", text) if "\x00" in text or not _encodable(text) else text
    return kept if limit is None else kept[:limit]


def id_of(text: str | None) -> str:
    """Return an id as it is stored and looked for; empty for None."""
    return "" if text is None else storable(text, ID)


def as_json(record: Any) -> str:
    """Return a record as JSON text."""
    try:
        return _encode(record).decode()
    except UnicodeEncodeError:
        return _encode(_mended(msgspec.to_builtins(record))).decode()


def text_hash(text: str | None) -> str | None:
    """Return the SHA-256 of a text's normal form, 64 hexadecimal digits: equal for texts that read the same.

    None for no text, and for one of which nothing is seen.
    """
    form = "" if text is None else normal(text, alike=False).strip()
    return sha256(form.encode(errors="replace")).hexdigest() if form else None


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mended(value: Any) -> Any:
    """Return plain values of JSON with halves of surrogate pairs replaced."""
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(each) for each in value]
    return value
