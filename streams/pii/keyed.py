"""Keyed hashes of values: so that the same value is known again without being written down."""

import hmac
import re
from typing import Final

from streams.core.span import Span

# What is spelled in many ways counts by its letters and digits alone.
_BY_CHARACTERS: Final = frozenset({"phone", "card", "iban", "national_id", "bank_routing", "document"})
_AS_WRITTEN: Final = frozenset({"wallet", "url_credentials"})  # case counts
_AT: Final = re.compile(r"\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*|\s+at\s+")
_DOT: Final = re.compile(r"\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*|\s+dot\s+")


class Key:
    """A secret key with the name by which its hashes are told from those of the key before; repr hides it."""

    __slots__ = ("_secret", "id")

    def __init__(self, secret: bytes, key_id: str) -> None:
        self._secret = secret
        self.id = key_id

    def __repr__(self) -> str:
        """Show the name only."""
        return f"Key({self.id})"

    def hashed(self, kind: str, text: str, span: Span) -> str:
        """Return `<key id>:<HMAC-SHA256, hexadecimal>` of the value of a type at a place in a text."""
        value = normalised(kind, text[slice(*span)]).encode("utf-8", "surrogatepass")
        return f"{self.id}:{hmac.digest(self._secret, value, 'sha256').hex()}"


def normalised(kind: str, value: str) -> str:
    """Return a value of a type in the one spelling that is hashed."""
    if kind in _AS_WRITTEN:
        return value
    if kind in _BY_CHARACTERS:
        return re.sub(r"[\W_]+", "", value).upper()
    value = value.casefold()
    if kind == "email":
        return _DOT.sub(".", _AT.sub("@", value))
    return " ".join(value.split())
