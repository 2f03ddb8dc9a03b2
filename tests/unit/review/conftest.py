"""A store on a SQLite file for parts of the review process, and a lease that is theirs.

What differs between databases is tested with the store.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.review.health import Health
from streams.review.standing_by import Lease
from streams.store.database import Database

SECONDS = 8.0  # after which a lease runs out


class Clock:
    """Milliseconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of an empty store with all tables."""
    path = tmp_path / "review.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def health() -> Health:
    """Return the health of a process whose parts say nothing yet."""
    return Health()


@pytest.fixture
def lease(database: Database, clock: Clock) -> Callable[[str], Lease]:
    """Return what makes a lease of the name `work` for a holder."""
    return lambda holder: Lease(database, "work", holder, SECONDS, clock)
