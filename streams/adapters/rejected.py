"""Why a record cannot be read: a reason from a closed set and a field's path, never a word of the record itself.

The texts of JSON and Avro libraries quote what they read, so they end here and are never logged or sent on.
"""

import re
from typing import Final, Literal, get_args

import msgspec

Reason = Literal[
    "tombstone",  # no value at all
    "null_key",  # for agents whose key matters
    "empty",
    "too_large",
    "unknown_format",  # the first byte is that of no known form
    "invalid_json",
    "invalid_avro",
    "invalid_utf8",
    "too_deep",
    "truncated",
    "trailing_bytes",
    "missing_field",
    "wrong_type",
    "out_of_range",  # a number, a text or a list outside of its limits
    "invalid_time",
    "unknown_value",  # not in the closed set of the field
    "invalid_value",  # the fields contradict each other
    "no_registry",  # Confluent framing, and no registry is configured
    "unknown_schema",
    "wrong_schema",  # of another record, of a foreign subject, refused, or incompatible
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

_PATH: Final = re.compile(r" - at `\$\.?([A-Za-z0-9_.\[\]]*)`$")
_MISSING: Final = re.compile(r"missing required field `([A-Za-z0-9_]+)`")
# How the texts of msgspec begin, first hit counts; a contract test holds this list to the library.
_TEXTS: Final[tuple[tuple[str, Reason], ...]] = (
    ("Input data was truncated", "truncated"),
    ("JSON is malformed: trailing characters", "trailing_bytes"),
    ("JSON is malformed", "invalid_json"),
    ("Object missing required field", "missing_field"),
    ("Expected `datetime` with", "invalid_time"),
    ("Invalid RFC3339", "invalid_time"),
    ("Invalid enum value", "unknown_value"),
    ("Invalid value", "unknown_value"),
    ("Number out of range", "out_of_range"),
    ("Integer value out of range", "out_of_range"),
)
_ERRORS: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (RecursionError, "too_deep"),
    (UnicodeError, "invalid_utf8"),
    (EOFError, "truncated"),
    (OverflowError, "out_of_range"),
    (MemoryError, "too_large"),
)
_LIMIT: Final = re.compile(r"Expected `[^`]*` (of length|[<>])")
_TYPE: Final = re.compile(r"Expected `[^`]*`(,|$| - at)")


class Rejected(Exception):
    """A record that cannot be read; `error` is the reason, `field` the path of the field such as `user.id`, or None."""

    def __init__(self, error: Reason, field: str | None = None) -> None:
        super().__init__(error, field)
        self.error: Reason = error
        self.field = field

    def __str__(self) -> str:
        """Return one line that is safe to log."""
        return self.error if self.field is None else f"{self.error} at {self.field}"


class UnknownSchema(Exception):
    """The record's schema is not known yet: `await registry.fetch(error.schema_id)`, then read the record again."""

    def __init__(self, schema_id: int | str) -> None:
        super().__init__(schema_id)
        self.schema_id = schema_id


def rejected(error: Exception) -> Rejected:
    """Return what a JSON decoder, a conversion or an Avro decoder raised as a rejection without content."""
    if isinstance(error, Rejected):
        return error
    if isinstance(error, msgspec.MsgspecError):
        return _named(str(error))
    return Rejected(next((reason for kind, reason in _ERRORS if isinstance(error, kind)), "invalid_avro"))


def _named(text: str) -> Rejected:
    found = _PATH.search(text)
    path = found.group(1) if found else ""
    for start, reason in _TEXTS:
        if text.startswith(start):
            missing = _MISSING.search(text) if reason == "missing_field" else None
            if missing:
                path = f"{path}.{missing.group(1)}" if path else missing.group(1)
            return Rejected(reason, path or None)
    if _LIMIT.match(text):
        return Rejected("out_of_range", path or None)
    return Rejected("wrong_type" if _TYPE.match(text) else "invalid_value", path or None)
