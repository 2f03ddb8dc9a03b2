"""What goes wrong with the store: an error of SQLAlchemy or its driver in, one of ours out.

The texts of databases quote rows, and rows hold content: none of them goes on. Ours name the kind of error only.
"""

from typing import Any, Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree

# Primary result codes of SQLite: what it is, and whether trying again can help.
_SQLITE: Final[dict[int, tuple[str, bool]]] = {
    5: ("another process holds it for too long", True),
    6: ("another connection holds it for too long", True),
    7: ("there is no memory left", True),
    8: ("it is read-only", True),
    10: ("its disk cannot be read or written", True),
    11: ("its file is damaged: restore it from a copy", False),
    13: ("it, or its disk, is full", True),
    14: ("its file cannot be opened", True),
    23: ("its file may not be used", False),
    26: ("its file is no database: name another one in MODERATION_REVIEW_DATABASE", False),
}
# Classes and codes of SQLSTATE, the longest that fits first. Source: PostgreSQL's appendix A.
_POSTGRESQL: Final[dict[str, tuple[str, bool]]] = {
    "08": ("the connection was lost", True),
    "25006": ("it is read-only", True),
    "25P03": ("the transaction took too long", True),
    "28": ("it does not let us in: check user and password in MODERATION_REVIEW_DATABASE", False),
    "3D": ("there is no such database: create it, or name another one in MODERATION_REVIEW_DATABASE", False),
    "40": ("another transaction was in the way", True),
    "42501": ("we lack a right there: grant it all rights on its tables", False),
    "42P01": ("it lacks a table: start the review service once, which makes them", False),
    "42703": ("it lacks a column: start the review service once, which makes them", False),
    "53": ("it, or its disk, is full", True),
    "55P03": ("another transaction holds what is needed for too long", True),
    "57": ("it stopped what was running", True),
    "58": ("its disk cannot be read or written", True),
}
WORDS: Final = 3  # of a statement: INSERT INTO item


class StoreError(Exception):
    """The store cannot be used as it is configured: one line that says what to do."""

    exit_code: Final = 78  # EX_CONFIG of sysexits.h


class Unavailable(Exception):
    """The database cannot be read or written now. The transaction is gone whole: nothing was kept of it, try again."""

    exit_code: Final = 69  # EX_UNAVAILABLE


class Refused(RuntimeError):
    """The database refused a statement: a defect of ours. The text: class, code, constraint, start of the statement."""


def told(error: SQLAlchemyError) -> Exception:
    """Return the error to raise instead of one of SQLAlchemy: StoreError, Unavailable or Refused."""
    if isinstance(error, NoneFree):
        return Unavailable("the database: all connections are in use: try again")
    if not isinstance(error, DBAPIError):
        return Refused(type(error).__name__)
    cause: Any = error.orig
    kind, again = _known(cause) or (("the connection was lost", True) if error.connection_invalidated else ("", False))
    if again:
        return Unavailable(f"the database: {kind}: try again")
    if kind:
        return StoreError(f"the database: {kind}")
    if error.statement is None and type(cause).__name__ == "ProgrammingError":
        return StoreError("the database: MODERATION_REVIEW_DATABASE has an option that the driver does not know")
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    verb = " ".join((error.statement or "").split()[:WORDS])  # values travel apart from their statement
    return Refused(" ".join(part for part in (type(cause).__name__, code, constraint, verb) if part))


def _known(cause: Any) -> tuple[str, bool] | None:
    if (number := getattr(cause, "sqlite_errorcode", None)) is not None:
        return _SQLITE.get(number & 0xFF)  # the rest of an extended code tells details
    if not hasattr(cause, "sqlstate"):
        return None
    state = cause.sqlstate
    if state is None:  # never got that far
        return ("it does not answer", True) if type(cause).__name__ == "OperationalError" else None
    fitting = [_POSTGRESQL[start] for size in (5, 2) if (start := state[:size]) in _POSTGRESQL]
    return fitting[0] if fitting else None
