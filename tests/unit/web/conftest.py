"""The app on a SQLite file, with accounts of every role, and browsers that are signed in."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from starlette.testclient import TestClient

from streams.core.rights import ROLES, Grant
from streams.metrics import Metrics
from streams.store import accounts, sessions, tokens
from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.passwords import Passwords
from streams.store.tables import item
from streams.store.taking import take
from streams.web.app import built
from streams.web.identify import PLAIN_COOKIE
from streams.web.parts import Limits, Parts
from tests.unit.store.records import DECIDED, decision, message, read, triggered

ORIGIN: Final = "http://127.0.0.1:8088"
NOW: Final = DECIDED + 60_000
LIMITS: Final = Limits(stream=60, heartbeat=20, poll=5)  # streams of events end soon
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

    def account(self, name: str, *grants: Grant) -> str:
        """Make an account with some grants; return its name."""
        with self.parts.database.writing() as connection:
            accounts.made(connection, name, grants, self.clock.now)
        return name

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
def items(web: "Web") -> dict[str, int]:
    """Put three items in the store; return their ids by content: two of tenant t1, one of t2, two labels."""
    drugs = triggered(rule="shop", label="drugs", severity="high")
    made = (
        decision("scam-1"),
        decision("drugs-1", triggered=(drugs,), severity="high"),
        decision("scam-2", tenant="t2", user_id="u2", conversation_id="c2"),
    )
    texts = (message("scam-1"), message("drugs-1", "Cheap pills"), message("scam-2", "Pay me", tenant="t2"))
    with web.parts.database.writing() as connection:
        take(connection, Batch(decisions=read(*made), messages=read(*texts, topic="messages")), NOW)
        found = connection.execute(select(item.c.content_id, item.c.id)).all()
    return {row.content_id: row.id for row in found}


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands."""
    return Clock()


def parts_of(template: Path, folder: Path, passwords: Passwords, clock: Clock) -> Parts:
    """Return what an app is built from, on a copy of a store."""
    path = folder / "review.db"
    shutil.copyfile(template, path)
    metrics = Metrics(CollectorRegistry())
    database = Database(f"sqlite:///{path}")
    return Parts(database, clock, ORIGIN, metrics, secret=b"s" * 32, passwords=passwords, limits=LIMITS)


@pytest.fixture
def given(template: Path, tmp_path: Path, passwords: Passwords, clock: Clock) -> Iterator[Parts]:
    """Return what the app is built from."""
    parts = parts_of(template, tmp_path, passwords, clock)
    yield parts
    parts.database.close()


def web_of(parts: Parts, clock: Clock) -> Web:
    """Return an app, each browser on its own."""
    app: Any = built(parts)
    return Web(parts, clock, lambda: TestClient(app, base_url=ORIGIN, follow_redirects=False))


@pytest.fixture
def web(given: Parts, clock: Clock) -> Web:
    """Return the app on a store with one account for each role."""
    return web_of(given, clock)
