"""What all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MODERATION_SHARED", ROOT.parent / "shared"))


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
