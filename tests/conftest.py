"""What all tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MODERATION_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let processes that a test starts be interrupted: a suite in the background of a shell inherits SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the real data rows and files, which live outside of the repository."""
    if not (SHARED / "data").is_dir():
        pytest.skip("no real data here: set MODERATION_SHARED to the folder that holds data/")
    return SHARED
