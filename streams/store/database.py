"""The database of the review service: a URL in, transactions out, on a SQLite file or on PostgreSQL.

`reading` sees one state of the data throughout and cannot change it. `writing` is one transaction: committed at the end
of its block, gone when anything is raised in it. On SQLite one writes at a time, and nobody waits for readers.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from streams.store.failure import Refused, StoreError, Unavailable, told

__all__ = ["Database", "Dialect", "Refused", "StoreError", "Unavailable"]

Dialect = Literal["sqlite", "postgresql"]

CONNECTIONS: Final = 20  # of one process, at once
WAIT_S: Final = 10.0
STATEMENT_S: Final = 60  # the longest that a statement may take
IDLE_S: Final = 120  # the longest that a transaction may wait for us
SETTING: Final = "MODERATION_REVIEW_DATABASE"

_LIMITS: Final = (
    f"-c lock_timeout={{wait}} -c statement_timeout={STATEMENT_S}s -c idle_in_transaction_session_timeout={IDLE_S}s"
    # Somebody waits for a few rows of very many, which lie in memory or on a disk without a head: an index is read, not
    # the table; neither compiling nor more processes pay; and a rare value is not planned for as a common one is.
    " -c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_custom_plan"
)
_POSTGRESQL: Final[Mapping[str, Any]] = {
    "application_name": "moderation-review",
    # A server that vanished without a word is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_WRITING: Final = "moderation_writing"


class Database:
    """A database; connections are made when they are needed, and kept."""

    def __init__(self, url: str, wait: float = WAIT_S) -> None:
        """Name it, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`; raise StoreError for what is neither.

        `wait` in seconds: for a free connection, an answer at the start, and for what another transaction holds.
        """
        self._url = _checked(url)
        self.dialect: Dialect = "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"
        try:
            engine = (_sqlite if self.dialect == "sqlite" else _postgresql)(self._url, wait)
        except ImportError as error:
            raise StoreError(
                f"package {error.name} is not installed: pip install 'moderation-streams[review]'"
            ) from error
        self._turn = Lock()
        self._writing = engine.execution_options(**{_WRITING: True})
        self._reading = (
            engine
            if self.dialect == "sqlite"
            else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )

    def __repr__(self) -> str:
        """Show the URL without its password."""
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the data; raise Unavailable when the database fails."""
        with _transaction(self._reading) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes count when the block ends; raise Unavailable, and none do, on a failure."""
        with self._in_turn(), _transaction(self._writing) as connection:
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let one of our threads write to a SQLite file at a time: those that it has wait go hungry by chance."""
        if self.dialect != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=WAIT_S):
            raise Unavailable("the database: another thread holds it for too long: try again")
        try:
            yield
        finally:
            self._turn.release()

    def swept(self) -> bool:
        """Have a SQLite file's log end, so that nothing of what was removed stays in it; say no while somebody reads.

        The log is overwritten later then. PostgreSQL sees to its own.
        """
        if self.dialect != "sqlite":
            return True
        connection = self._writing.raw_connection()
        try:
            (busy, *_) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        """Close all connections that nobody uses."""
        self._writing.dispose()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        # Without the cause: a traceback in a log would quote rows.
        raise told(error) from None


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"{SETTING} is no URL: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StoreError(f"{SETTING} names {parsed.drivername}: use sqlite:///FILE or postgresql://…")
    if parsed.drivername == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise StoreError(f"{SETTING} names no file: write sqlite:///FILE")
        if parsed.query:
            raise StoreError(f"{SETTING} has options, and a file takes none: write sqlite:///FILE")
        if not Path(str(parsed.database)).absolute().parent.is_dir():
            raise StoreError(f"{SETTING}: the folder of {parsed.database} is not there: make it")
    return parsed


def _postgresql(url: URL, wait: float) -> Engine:
    options = {
        **_POSTGRESQL,
        "connect_timeout": max(2, round(wait)),
        "options": _LIMITS.format(wait=round(wait * 1000)),
    }
    given = {name: value for name, value in options.items() if name not in url.query}
    return create_engine(
        url,
        connect_args=given,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=wait,
        pool_pre_ping=True,  # a server that was started again costs nobody an error
        hide_parameters=True,
    )


def _sqlite(url: URL, wait: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": wait, "isolation_level": None},  # transactions begin where we say
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=wait,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    # It holds content: for nobody else's eyes. SQLite gives its other files the same rights.
    path = Path(str(url.database))
    if not path.exists():
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(f"{SETTING}: {path} cannot be made: {error.strerror}") from None
    return engine


def _prepare(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # what was committed survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what was removed is overwritten
        cursor.execute("PRAGMA cache_size = -65536")  # KiB
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    # Who reads first and writes later could find that somebody else wrote in between: it is said at the beginning.
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writing else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
