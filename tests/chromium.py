"""The system's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAM: Final = Path("/usr/bin/chromium")
MISSING: Final = "no Chromium: apt-get install chromium"
ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--force-color-profile=srgb"),
)


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a browser; skip where there is none, fail where CI must have it.

    Playwright keeps a loop running in this thread: no test that has one of its own may run before the end.
    """
    if not PROGRAM.exists():
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(ARGUMENTS))
        yield browser
        browser.close()
