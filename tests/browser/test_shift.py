"""A shift with the keyboard: from the queue to an item, a ruling, the next one; what others do at the same time."""

import re
import time
from typing import Any

import msgspec
from playwright.sync_api import expect
from sqlalchemy import select

from streams.core.ruling import Ruling
from streams.store.tables import item, note, outbox, ruling
from tests.browser.conftest import PASSWORD, Running, now
from tests.review_scene import taken

AT_ONCE = 1.0  # seconds from the store to an open page


def rows(running: Running, table: Any) -> list[Any]:
    with running.database.reading() as connection:
        return list(connection.execute(select(table)))


def row_of(running: Running, content_id: str) -> Any:
    return next(one for one in rows(running, item) if one.content_id == content_id)


def test_a_moderator_signs_in_approves_by_keyboard_and_goes_on_to_the_next(running: Running) -> None:
    page = running.context(None).new_page()
    page.goto("/")
    page.get_by_label("Account").fill("moderator")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Account or password is wrong.")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-live][data-state=on]")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".row.at")).to_contain_text("self harm")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/*")
    page.wait_for_selector("[data-live][data-state=on]")
    expect(page.get_by_role("heading", level=1)).to_have_text("self harm")
    expect(page.locator("mark")).to_have_text("everything ready for tonight")
    page.keyboard.press("c")
    expect(page.locator("#item")).to_contain_text("claimed by you")
    page.keyboard.press("m")
    page.keyboard.type("Told the crisis team")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes")).to_contain_text("Told the crisis team")
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text(re.compile("^Approved item"))
    expect(page.get_by_text("on its way")).to_be_visible()

    ruled = row_of(running, "m-301")
    assert (ruled.open, ruled.action) == (0, "allow")
    assert [(one.by, one.act) for one in rows(running, ruling)] == [("moderator", "approve")]
    sent = [msgspec.json.decode(one.value, type=Ruling) for one in rows(running, outbox) if one.record == "ruling"]
    assert [(one.act, one.decision.content_id) for one in sent] == [("approve", "m-301")]
    assert [one.text for one in rows(running, note)] == ["Told the crisis team"]

    before = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != before)
    page.wait_for_selector("[data-live][data-state=on]")
    expect(page.get_by_role("heading", level=1)).to_have_text("platform bypass, scam")
    assert row_of(running, "m-108").claimed_by == "moderator"
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_selector("[data-live][data-state=on]")
    page.keyboard.press("/")
    expect(page.get_by_label("Words of the text")).to_be_focused()


def test_an_override_is_chosen_by_its_number_and_gives_the_reason_that_the_policy_asks_for(running: Running) -> None:
    page = running.page("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog", name=re.compile("Override"))
    page.keyboard.press("3")
    page.keyboard.press("Enter")  # without a reason the form is not sent
    expect(dialog).to_be_visible()
    dialog.get_by_label(re.compile("Reason")).fill("The rest may be read")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#rows")).not_to_contain_text("gift card")
    assert row_of(running, "m-108").action == "mask"
    assert [(one.to_action, one.reason) for one in rows(running, ruling)] == [("mask", "The rest may be read")]


def test_many_are_ruled_on_at_once_after_their_number_is_shown(running: Running) -> None:
    page = running.page(f"/items/{row_of(running, 'm-501').id}")
    group = page.locator("li", has_text="with the same text")
    group.get_by_role("button", name="Override all").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Override 2 items")
    page.keyboard.press("9")
    dialog.get_by_label(re.compile("Reason")).fill("A flood")
    dialog.get_by_role("button", name="Override 2").click()
    expect(dialog).to_be_hidden()
    assert {row_of(running, name).action for name in ("m-501", "m-502")} == {"block"}
    assert len({one.bulk_id for one in rows(running, ruling)}) == 1


def test_selected_rows_are_ruled_on_together(running: Running) -> None:
    page = running.page("/?labels=spam")
    assert "gift card" not in page.locator("#rows").inner_text()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_role("group", name="Selected items")).to_contain_text("2 selected")
    page.get_by_role("group", name="Selected items").get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve 2").click()
    expect(page.get_by_text("Nothing is waiting here.")).to_be_visible()
    assert {row_of(running, name).action for name in ("m-501", "m-502")} == {"allow"}


def test_what_comes_is_in_an_open_page_within_a_second(running: Running) -> None:
    page = running.page("/")
    expect(page.locator('[data-count="open"]')).to_have_text("15")
    page.keyboard.press("j")
    began = time.monotonic()
    taken(running.database, "m-901", "Something new to look at", now(), escalate=True)
    page.locator(".row", has_text="Something new").wait_for()
    took = time.monotonic() - began
    assert took < AT_ONCE, f"{took:.2f} s"
    expect(page.locator('[data-count="open"]')).to_have_text("16")
    # The cursor stays on its item, whatever comes before it.
    expect(page.locator(".row.at")).to_contain_text("self harm")
    expect(page.locator(".row.at a.open")).to_be_focused()


def test_who_reads_further_down_is_told_of_new_items_and_nothing_moves(running: Running) -> None:
    page = running.page("/", viewport={"width": 1280, "height": 500})
    page.evaluate("window.scrollTo(0, 400)")
    taken(running.database, "m-902", "Something new to look at", now(), escalate=True)
    sign = page.get_by_role("button", name="1 new")
    expect(sign).to_be_visible()
    expect(page.locator(".row", has_text="Something new")).to_have_count(0)
    sign.click()
    expect(page.locator(".row", has_text="Something new")).to_be_in_viewport()
    expect(sign).to_be_hidden()


def test_who_was_second_is_told_what_the_first_one_did_and_sees_the_item_as_it_is(running: Running) -> None:
    path = f"/items/{row_of(running, 'm-202').id}"
    context = running.context("senior")
    context.route("**/api/events", lambda route: route.abort())
    late = context.new_page()
    late.goto(path, wait_until="networkidle")
    first = running.page(path, "moderator")
    first.keyboard.press("a")
    expect(first.locator("#said")).to_have_text(re.compile("^Approved item"))
    late.keyboard.press("a")
    expect(late.locator("#said")).to_contain_text("approve by moderator")
    expect(late.get_by_text("closed", exact=True)).to_be_visible()
    assert [one.by for one in rows(running, ruling)] == ["moderator"]


def test_an_open_item_that_changes_is_not_changed_under_the_hands_of_its_reader(running: Running) -> None:
    path = f"/items/{row_of(running, 'm-202').id}"
    reader = running.page(path)
    first = running.page(path, "moderator")
    first.keyboard.press("a")
    banner = reader.get_by_text("This item changed.")
    expect(banner).to_be_visible()
    expect(reader.get_by_text("open", exact=True)).to_be_visible()
    reader.get_by_role("button", name="Show what is new").click()
    expect(reader.get_by_text("closed", exact=True)).to_be_visible()
    expect(banner).to_be_hidden()


def test_pictures_are_blurred_until_asked_for(running: Running) -> None:
    context = running.context()
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url) if "/media/" in request.url else None)
    page.goto(f"/items/{row_of(running, 'p-1').id}")
    image = page.locator(".media-frame img")
    image.evaluate("image => image.decode()")
    assert asked
    assert all("blur=1" in url for url in asked)
    assert image.evaluate("image => image.naturalWidth") > 100
    page.keyboard.press("y")
    expect(image).to_have_attribute("src", re.compile("blur=1&grey=1"))
    page.keyboard.press("b")
    expect(image).to_have_attribute("src", re.compile(r"side=\d+&grey=1$"))
    expect(page.get_by_role("button", name="Blur")).to_have_attribute("aria-pressed", "false")
    page.goto("/media-queue")
    assert page.locator(".card img").count() == 8
    expect(page.locator(".card img").first).to_have_attribute("src", re.compile("blur=1&grey=1"))


def test_a_moderator_is_not_offered_what_a_senior_may_do(running: Running) -> None:
    page = running.page(f"/items/{row_of(running, 'm-108').id}", "moderator")
    acts = page.get_by_role("group", name="Acts on this item").get_by_role("button")
    assert [" ".join(name.split()) for name in acts.all_inner_texts()] == [
        *("Approve a", "Escalate… e", "Claim c", "Assign…", "Note m", "Next item n"),
    ]
    page.keyboard.press("o")
    expect(page.locator("#said")).to_have_text("Your account may not do this.")


def test_the_keys_are_told(running: Running) -> None:
    page = running.page("/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
