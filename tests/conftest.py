"""What all tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long one example takes says more about what else runs on the machine than about the code under test; the first
# ones compile patterns. Where time matters a test measures it.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")

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
