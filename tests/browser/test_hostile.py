"""Hostile content in an open page: it is shown, and does nothing."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from streams.core.content import Location
from streams.core.decision import ReportSummary, Triggered
from streams.core.finding import Evidence
from streams.core.judged_object import JudgedObject
from streams.store.batch import Batch, Read
from streams.store.tables import item, note
from streams.store.taking import take
from tests.browser.conftest import PHONE, Running, now
from tests.hostile import NAMES, TEXTS
from tests.review_scene import flagged, message

# Of which the item's page is looked at, too: there they stand whole, in ten places.
WHOLE = ("together", "attribute", "bidi", "zalgo", "long", "lines", "controls")
# What of a page content may never bring with it: only the pages' own elements are there.
FOREIGN = """() => {
  const own = new Set(["/static/review.js"]);
  const bad = [];
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    if (["iframe", "object", "embed", "base", "style", "animate"].includes(name)) bad.push(name);
    if (name === "script" && !own.has(new URL(element.src, location.href).pathname)) bad.push("script");
    if (name === "meta" && element.httpEquiv) bad.push("meta");
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith("on")) bad.push(`${name} ${attribute.name}`);
      const leads = ["href", "src", "action"].includes(attribute.name);
      if (leads && /^\\s*(javascript|data|vbscript):/i.test(attribute.value)) bad.push(`${name} ${attribute.name}`);
    }
    if (element.href && new URL(element.href, location.href).origin !== location.origin) bad.push(element.href);
  }
  return bad;
}"""


@pytest.fixture
def infested(empty: Running) -> Running:
    """Serve a store whose every text and name is hostile."""
    at = now()
    names = itertools.cycle(NAMES.values())
    decisions, messages = [], []
    for number, (kind, text) in enumerate(TEXTS.items()):
        name, other = next(names), next(names)
        content_id = f"{kind} {other}"[:256]
        line = Triggered(
            other[:200],
            "enforce",
            kind,
            name[:200],
            "flag",
            "high",
            why=text[:500],
            evidence=(Evidence(span=(0, len(text))), Evidence(payload=text[:4096]), Evidence(entity=name[:64])),
        )
        decisions.append(
            flagged(
                content_id,
                at - number,
                name,
                f"{other}"[:256],
                triggered=(line,),
                reason=text[:400],
                masked_text=text,
                tenant=name,
                reports=(ReportSummary(kind, "error", text[:200], version=name[:80], not_evaluated={name: other}),),
                objects=(JudgedObject("image", Location(key=name, bucket=other)),),
            )
        )
        messages.append(message(content_id, text, at - number, name, f"{other}"[:256]))
    batch = Batch(
        decisions=[Read(one, "actions", 0, n, at) for n, one in enumerate(decisions)],
        messages=[Read(one, "messages", 0, n, at) for n, one in enumerate(messages)],
    )
    with empty.database.writing() as connection:
        take(connection, batch, at)
        ids = connection.execute(select(item.c.id)).scalars().all()
        for one, text in zip(ids, TEXTS.values(), strict=True):
            kept = text.replace("\0", "")[:4000]
            connection.execute(note.insert().values(item_id=one, by="senior", at=at, text=kept))
    return empty


class Watched:
    """A browser that notes whatever content could have caused."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.caused: list[str] = []
        context.on("request", lambda one: None if one.url.startswith(url) else self.caused.append(one.url))
        context.on("dialog", self._dialog)
        context.on("page", lambda page: page.on("pageerror", lambda error: self.caused.append(f"error {error}")))

    def _dialog(self, dialog: Any) -> None:
        self.caused.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def looked(self, page: Page) -> None:
        """Fail where a page acts, holds what is foreign to it, or is wider than its window."""
        page.mouse.move(300, 300)
        page.mouse.move(320, 420)
        assert page.evaluate("window.__acted") is None
        assert page.evaluate(FOREIGN) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert self.caused == []


def test_hostile_content_is_inert_on_every_page(infested: Running, tmp_path: Path) -> None:
    context = infested.context()
    watched = Watched(context, infested.url)
    page = context.new_page()
    page.goto("/")
    page.wait_for_selector("[data-live][data-state=on]")
    watched.looked(page)
    assert page.locator(".row").count() == len(TEXTS)
    heights = page.locator(".row").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert max(heights) < 220, heights
    page.screenshot(path=tmp_path / "hostile.png", full_page=True)
    expect(page.locator("main")).to_contain_text("⟨U+202E⟩")
    expect(page.get_by_role("heading", name="Signed out")).to_have_count(0)
    for number in (list(TEXTS).index(kind) + 1 for kind in WHOLE):
        page.goto(f"/items/{number}", wait_until="domcontentloaded")
        watched.looked(page)
    page.goto("/conversations/1")
    watched.looked(page)
    page.goto("/media-queue")
    watched.looked(page)
    page.goto("/items/1")
    page.get_by_role("link", name="All of this author").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("User")
    watched.looked(page)


def test_hostile_content_fits_a_phone(infested: Running) -> None:
    context = infested.context(viewport=PHONE)
    watched = Watched(context, infested.url)
    page = context.new_page()
    for path in ("/", *(f"/items/{list(TEXTS).index(kind) + 1}" for kind in ("handlers", "long", "zalgo"))):
        page.goto(path)
        watched.looked(page)


def test_a_text_stays_within_its_frame_however_high_its_marks_are(infested: Running) -> None:
    page = infested.page(f"/items/{list(TEXTS).index('zalgo') + 1}")
    text = page.locator(".content-text").first
    box = text.bounding_box()
    assert box is not None
    assert box["height"] < 420
    assert "⟨+" in text.inner_text()
