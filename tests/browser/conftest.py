"""The app on a free port with a store of its own, and the system's Chromium to look at it."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page
from prometheus_client import CollectorRegistry

from streams.adapters.fetched import Fetched
from streams.adapters.picture import limits
from streams.core.content import Location
from streams.core.rights import ROLES, Grant
from streams.metrics import Metrics
from streams.review.media import MediaReader
from streams.settings import Settings
from streams.store import accounts, sessions
from streams.store.database import Database
from streams.store.migrate import migrated
from streams.store.passwords import Passwords
from streams.web.app import built
from streams.web.identify import PLAIN_COOKIE
from streams.web.parts import Limits, Parts
from tests import review_scene
from tests.browser.drawn import landscape
from tests.chromium import launched

PASSWORD: Final = "correct horse battery"  # noqa: S105  of accounts that tests make
PASSWORDS: Final = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
WAIT_S: Final = 10
DESK: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 360, "height": 740}


def now() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Files:
    """Gives bytes from files."""

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:  # noqa: ARG002  every file is small
        """Return what lies there."""
        assert location.path is not None
        return Fetched(Path(location.path).read_bytes(), location)  # noqa: ASYNC240  a small file


@dataclass
class Running:
    """The app as browsers reach it."""

    url: str
    database: Database
    browser: Browser
    opened: list[BrowserContext] = field(default_factory=list)

    def context(self, account: str | None = "senior", **more: Any) -> BrowserContext:
        """Return a browser that is signed in to an account."""
        context = self.browser.new_context(**{"viewport": DESK, "base_url": self.url} | more)
        context.set_default_timeout(WAIT_S * 1000)
        self.opened.append(context)
        if account is not None:
            with self.database.writing() as connection:
                cookie = sessions.opened(connection, account, 3_600_000, now())
            context.add_cookies([{"name": PLAIN_COOKIE, "value": cookie, "url": self.url}])
        return context

    def page(self, path: str, account: str | None = "senior", **more: Any) -> Page:
        """Return a page that is open at a path and hears of changes, where it listens for any."""
        page = self.context(account, **more).new_page()
        page.goto(path)
        if page.locator("[data-live]").count():
            page.wait_for_selector("[data-live][data-state=on]")
        return page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return the system's Chromium; ended with the module, other ones have loops of their own."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with one account for each role, named like it."""
    path = tmp_path_factory.mktemp("browser") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrated(database)
    with database.writing() as connection:
        for role in ROLES:
            accounts.made(connection, role, (Grant(role),), now(), password=PASSWORDS.hashed(PASSWORD))
    database.close()
    return path


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes]]:
    """Return the scene's pictures: content id -> (path, bytes)."""
    folder = tmp_path_factory.mktemp("pictures")
    made = {}
    for number, name in enumerate(review_scene.PICTURES):
        path = folder / f"{name}.png"
        path.write_bytes(landscape(number))
        made[name] = (str(path), path.read_bytes())
    return made


@pytest.fixture
def empty(chromium: Browser, template: Path, tmp_path: Path) -> Iterator[Running]:
    """Serve the app on a store without items."""
    path = tmp_path / "review.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    media = MediaReader(Files(), limits(Settings()), timeout=WAIT_S, wait=WAIT_S, cache=10 << 20)
    app = built(
        Parts(
            database,
            now,
            url,
            Metrics(CollectorRegistry()),
            secret=b"s" * 32,
            passwords=PASSWORDS,
            media=media,
            limits=Limits(poll=100),
        )
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    running = Running(url, database, chromium)
    yield running
    for context in running.opened:
        context.close()
    server.should_exit = True
    thread.join(WAIT_S)
    assert not thread.is_alive(), "the server did not stop"
    database.close()


@pytest.fixture
def running(empty: Running, files: dict[str, tuple[str, bytes]]) -> Running:
    """Serve the app on a store with a scene."""
    review_scene.filled(empty.database, now(), files)
    return empty
