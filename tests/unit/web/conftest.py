"""The app on a SQLite file, with accounts of every role, and browsers that are signed in."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from streams.core.rights import ROLES, Grant
from streams.metrics import Metrics
from streams.store import accounts, sessions, tokens
from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.passwords import Passwords
from streams.web.app import built
from streams.web.identify import PLAIN_COOKIE
from streams.web.parts import Parts

ORIGIN: Final = "http://127.0.0.1:8088"
NOW: Final = 1_790_000_000_000
PASSWORD: Final = "correct horse battery"  # noqa: S105  of accounts that tests make


class Clock:
    """Milliseconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@dataclass
class Web:
    """The app under test and what it is built from."""

    parts: Parts
    clock: Clock
    client: Callable[[], TestClient]

    def browser(self, account: str) -> TestClient:
        """Return a browser that is signed in to an account, and sends what our pages send."""
        with self.parts.database.writing() as connection:
            cookie = sessions.opened(connection, account, self.parts.limits.session_longest, self.clock.now)
            session = sessions.found(connection, cookie, self.parts.limits.session_idle, self.clock.now)
        assert session is not None
        browser = self.client()
        browser.cookies.set(PLAIN_COOKIE, cookie)
        browser.headers.update({"Origin": ORIGIN, "X-CSRF-Token": session.csrf})
        return browser

    def program(self, account: str) -> TestClient:
        """Return a program with an API token of an account."""
        with self.parts.database.writing() as connection:
            _, secret = tokens.made(connection, account, "a test's", None, self.clock.now)
        program = self.client()
        program.headers["Authorization"] = f"Bearer {secret}"
        return program


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Return what hashes passwords quickly: argon2 with the least memory and one pass."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Path:
    """Make a store with one account for each role, named like it."""
    path = tmp_path_factory.mktemp("web") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrated(database)
    with database.writing() as connection:
        for role in ROLES:
            accounts.made(connection, role, (Grant(role),), NOW, password=passwords.hashed(PASSWORD))
    database.close()
    return path


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands."""
    return Clock()


@pytest.fixture
def given(template: Path, tmp_path: Path, passwords: Passwords, clock: Clock) -> Iterator[Parts]:
    """Return what the app is built from."""
    path = tmp_path / "review.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    yield Parts(database, clock, ORIGIN, Metrics(CollectorRegistry()), secret=b"s" * 32, passwords=passwords)
    database.close()


@pytest.fixture
def web(given: Parts, clock: Clock) -> Web:
    """Return the app on a store with one account for each role."""
    app: Any = built(given)
    return Web(given, clock, lambda: TestClient(app, base_url=ORIGIN, follow_redirects=False))
