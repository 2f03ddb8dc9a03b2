"""Pages: who may see them, what stands in them, and that the script and style they name are there."""

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from streams.core.rights import Grant
from streams.store import accounts
from streams.store.tables import item
from streams.web.pages_static import FILES, FOLDER
from tests import review_scene
from tests.unit.web.conftest import NOW, Web

PAGES = ("/", "/media-queue", "/rules", "/queues", "/accounts")


@pytest.fixture
def scene(web: Web) -> Web:
    review_scene.filled(web.parts.database, NOW)
    return web


def id_of(web: Web, content_id: str) -> int:
    with web.parts.database.reading() as connection:
        return int(connection.execute(select(item.c.id).where(item.c.content_id == content_id)).scalar_one())


class Reader(HTMLParser):
    """Keeps what of a page a person reads."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.parts.append(data)


def shown(html: str) -> str:
    """Return what of a page a person reads, in one line."""
    reader = Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.parts).split())


def test_who_is_not_signed_in_is_sent_to_the_door_and_back(web: Web) -> None:
    answer = web.client().get("/items/1?x=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fitems%2F1%3Fx%3D2")
    door = web.client().get(answer.headers["location"])
    assert 'data-next="/items/1?x=2"' in door.text


@pytest.mark.parametrize("role", ["moderator", "senior", "admin", "auditor"])
def test_every_role_sees_the_pages_of_its_head(scene: Web, role: str) -> None:
    browser = scene.browser(role)
    head = re.findall(r'<li><a href="([^"]+)"', browser.get("/").text.partition("</nav>")[0])
    assert set(PAGES) <= set(head)
    assert ("/audit" in head) == (role in {"admin", "auditor"})
    for path in head:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_page_that_a_role_may_not_see_says_so(scene: Web) -> None:
    answer = scene.browser("moderator").get("/audit")
    assert answer.status_code == 403
    assert "Your account does not have this right." in shown(answer.text)


def test_the_queue_shows_what_is_needed_to_choose(scene: Web) -> None:
    text = shown(scene.browser("senior").get("/").text)
    assert "self harm Escalated" in text
    assert "platform bypass, scam message, en Send the 900 deposit by gift card and write me" in text
    assert "quickdeal77 solicitation.payment +1 block 49 min" in text
    assert "97.4 % high" in text
    assert text.index("self harm") < text.index("scam") < text.index("harassment")


def test_a_filter_that_is_none_is_left_out_and_said(scene: Web) -> None:
    answer = scene.browser("senior").get("/?severities=huge")
    assert answer.status_code == 200
    assert "severities of the filter has a value that it cannot have. It is left out." in shown(answer.text)


def test_pages_go_on_where_the_last_one_ended(scene: Web) -> None:
    browser = scene.browser("senior")
    at = NOW + 1000
    for number in range(60):
        review_scene.taken(scene.parts.database, f"more-{number}", "Send money", at + number)
    first = browser.get("/").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = browser.get(following[1].replace("&amp;", "&")).text
    rows = [set(re.findall(r'id="item-(\d+)"', page)) for page in (first, second)]
    assert (len(rows[0]), len(rows[1]), rows[0] & rows[1]) == (50, 25, set())


def test_an_item_tells_all_that_a_ruling_needs(scene: Web) -> None:
    text = shown(scene.browser("senior").get(f"/items/{id_of(scene, 'm-108')}").text)
    for told in (
        "platform bypass, scam high",
        "94 characters, en",
        "Hi, is the flat on Elm Street still free in May?",
        "last chance, two others are waiting",
        "text_llm timeout deadline",
        "Approving lets block stand.",
        "solicitation.payment scam high",
        "Asks for money in a way that cannot be taken back leads to block characters 1 to 33",
        "Policy default 4c1f0a7be29… , revision 0",
        "Account 2 d old Trust not trusted",
        "1 in force scam, until",
        "restrict until",
        "spam block withdrawn",
        "3 open items of the same author, 3 in all",
        "tell_author: notify failed not authorized",
        "Revision 0, automatic block",
    ):
        assert told in text, told


def test_a_picture_is_named_blurred_and_with_its_region(scene: Web) -> None:
    number = id_of(scene, "p-1")
    page = scene.browser("senior").get(f"/items/{number}").text
    assert re.findall(r'<img src="([^"]+)"', page) == [f"/media/{number}/0?blur=1&amp;side=1024"]
    text = shown(page)
    assert "violence 97.4 %, 180 by 160 pixels at 40, 30" in text
    assert "gambling: no detector" in text


@pytest.mark.parametrize("path", ["/items/{}", "/conversations/{}"])
def test_an_item_of_another_tenant_is_not_there(scene: Web, path: str) -> None:
    with scene.parts.database.writing() as connection:
        accounts.made(connection, "abroad", (Grant("senior", tenants=("elsewhere",)),), NOW)
    browser = scene.browser("abroad")
    answer = browser.get(path.format(id_of(scene, "m-108")))
    assert answer.status_code == 404
    assert "There is no such item." in shown(answer.text)
    assert browser.get("/users/quickdeal77").status_code == 404
    assert "quickdeal77" not in browser.get("/").text


def test_an_item_offers_what_may_be_done_to_it(scene: Web) -> None:
    with scene.parts.database.writing() as connection:
        grants = (Grant("moderator"), Grant("senior", labels=("spam",)))
        accounts.made(connection, "split", grants, NOW)
    browser = scene.browser("split")
    offered = [
        'data-act="override"' in browser.get(f"/items/{id_of(scene, content_id)}").text
        for content_id in ("m-501", "m-202")
    ]
    assert offered == [True, False]


def test_a_user_page_lists_what_the_user_did(scene: Web) -> None:
    text = shown(scene.browser("senior").get("/users/quickdeal77").text)
    assert "User quickdeal77" in text
    assert "4 open, 0 closed" in text
    assert "Restrict or release" in text
    assert "Restrict or release" not in shown(scene.browser("moderator").get("/users/quickdeal77").text)


def test_the_conversation_marks_what_was_decided(scene: Web) -> None:
    text = shown(scene.browser("senior").get(f"/conversations/{id_of(scene, 'm-203')}").text)
    assert "captain_odd gg everyone, rematch?" in text
    assert "harassment flag 29 min" in text


def test_a_ruling_stands_in_history_rules_and_audit(scene: Web) -> None:
    browser = scene.browser("admin")
    number = id_of(scene, "m-202")
    headers = {"If-Match": '"1"', "Idempotency-Key": "6f1d3c1e-5b0e-4f63-9a35-0f6f5f0a1b11"}
    answer = browser.post(f"/api/items/{number}/override", json={"action": "block", "reason": "Again"}, headers=headers)
    assert answer.status_code == 200, answer.text
    text = shown(browser.get(f"/items/{number}").text)
    assert "Overridden block by admin now Again The rules were right." in text
    assert "block first flag on its way" in text
    assert "default text_model.harassment harassment 1 0 100 %" in shown(browser.get("/rules").text)
    audit = shown(browser.get("/audit").text)
    assert "1 now admin override flag to block content m-202 user grindset_88 reason: Again" in audit


def test_saved_queues_are_tabs(scene: Web) -> None:
    browser = scene.browser("senior")
    answer = browser.post("/api/queues", json={"name": "Scams <b>", "query": {"labels": ["scam"]}})
    assert answer.status_code == 200, answer.text
    page = browser.get("/?labels=scam").text
    assert '<a href="/?labels=scam" aria-current="page">Scams &lt;b&gt;</a>' in page
    assert "Scams <b> yours labels: scam Delete" in shown(browser.get("/queues").text)


def test_every_file_that_pages_name_is_served_and_asked_for_once(web: Web) -> None:
    client = web.client()
    page = web.browser("senior").get("/").text + client.get("/sign-in").text
    named = set(re.findall(r'"/static/([^"]+)"', page))
    scripts = {path.name: path.read_text() for path in FOLDER.glob("*.js")}
    imported = {name for text in scripts.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    assert named | imported == set(FILES)
    for name in FILES:
        answer = client.get(f"/static/{name}")
        assert answer.status_code == 200
        again = client.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/nothing.js").status_code == 404


def test_pages_hold_no_script_or_style_of_their_own(scene: Web) -> None:
    browser = scene.browser("admin")
    for path in (*PAGES, "/audit", f"/items/{id_of(scene, 'm-108')}", "/users/quickdeal77"):
        page = browser.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"module\" src=\"/static/)|https?://", page), (
            path
        )
