"""How pages look and are read: nothing that keeps people out, no page wider than a phone; pictures for the README."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from streams.store.tables import item
from tests.browser.conftest import PHONE, Running

SERIOUS = {"serious", "critical"}
SHOTS = os.environ.get("MODERATION_SCREENSHOTS")  # a folder: docs/screenshots


def id_of(running: Running, content_id: str) -> int:
    with running.database.reading() as connection:
        return int(connection.execute(select(item.c.id).where(item.c.content_id == content_id)).scalar_one())


def findings(page: Page, context: str | None = None, **options: Any) -> list[str]:
    """Return what axe finds that keeps people out, in a part of the page or in all of it."""
    answer: dict[str, Any] = (
        Axe().run(page, context=context, options={"resultTypes": ["violations"]} | options).response
    )
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary')}"
        for one in answer["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def assert_open_to_all(page: Page) -> None:
    """Fail where axe finds something serious in light; in dark, where colours alone are others, in those."""
    assert findings(page) == [], page.url
    page.emulate_media(color_scheme="dark")
    assert findings(page, runOnly=["color-contrast"]) == [], f"{page.url} in dark"
    page.emulate_media(color_scheme="light")


def test_axe_finds_nothing_serious_in_light_and_dark(running: Running) -> None:
    page = running.context("admin").new_page()
    page.goto("/sign-in")
    assert_open_to_all(page)
    for path in (f"/items/{id_of(running, 'm-108')}", "/media-queue", "/"):
        page.goto(path)
        assert_open_to_all(page)
    page.wait_for_selector("[data-live][data-state=on]")
    page.locator("#filters summary").click()
    assert findings(page, "#filters") == []
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert findings(page, "#override") == []


def test_no_page_is_wider_than_a_phone(running: Running) -> None:
    page = running.context("admin", viewport=PHONE).new_page()
    first = id_of(running, "m-108")
    items = (f"/items/{first}", f"/items/{id_of(running, 'p-1')}", f"/conversations/{first}", "/users/quickdeal77")
    for path in ("/", *items, "/media-queue", "/rules", "/audit", "/accounts", "/queues"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.goto("/")
    page.locator("#filters summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_head_leads_past_itself(running: Running) -> None:
    page = running.page("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_who_wants_no_motion_gets_none(running: Running) -> None:
    page = running.page("/", reduced_motion="reduce")
    page.locator(".row").first.evaluate("row => row.classList.add('new')")
    assert page.locator(".row").first.evaluate("row => getComputedStyle(row).animationName") == "none"


def test_pictures_for_the_readme_are_small(running: Running, tmp_path: Path) -> None:
    folder = Path(SHOTS) if SHOTS else tmp_path
    page = running.page("/", viewport={"width": 1280, "height": 800})
    for name, path in (("queue", "/"), ("item", f"/items/{id_of(running, 'm-108')}"), ("media", "/media-queue")):
        page.goto(path, wait_until="load")
        page.wait_for_selector("[data-live][data-state=on]")
        shot = folder / f"{name}.png"
        page.screenshot(path=shot)
        Image.open(shot).convert("RGB").save(shot, optimize=True)
        assert shot.stat().st_size < 300_000
