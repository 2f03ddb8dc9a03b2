"""A change that another site causes: refused, and nothing is written."""

import re
from hashlib import sha256
from typing import Any, Final

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from streams.store.database import Database
from streams.store.tables import metadata, session
from streams.web.routes import RULES, UNSAFE, Rule
from tests.unit.web.conftest import ORIGIN, PASSWORD, Web

CHANGING: Final = [rule for rule in RULES if rule.method in UNSAFE]
KEY: Final = "0b0c3c86-5a41-4c42-8b38-6f6d5b7e9a11"


def state_of(database: Database) -> str:
    """Return a digest of all that is in a store, but for when sessions were last used."""
    known = sha256()
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if column is not session.c.seen_at]
            known.update(repr([tuple(row) for row in connection.execute(select(*columns))]).encode())
    return known.hexdigest()


def sent(browser: TestClient, rule: Rule, item_id: int, **more: Any) -> int:
    """Change something as far as the API can tell; return the status."""
    path = re.sub(r"{item_id:int}", str(item_id), rule.path)
    path = re.sub(r"{[^}]+:int}", "1", path).replace("{user_id:path}", "u1").replace("{name}", "auditor")
    headers = {"If-Match": '"1"', "Idempotency-Key": KEY} | more.pop("headers", {})
    body = {"reason": "because", "account": "admin", "password": PASSWORD, "name": "new", "to": "admin"}
    status: int = browser.request(
        rule.method, path, **({"json": body} | more if "data" not in more else more), headers=headers
    ).status_code
    return status


@pytest.mark.parametrize("rule", CHANGING, ids=lambda rule: f"{rule.method} {rule.path}")
def test_what_does_not_come_from_our_pages_changes_nothing(web: Web, items: dict[str, int], rule: Rule) -> None:
    browser, one = web.browser("admin"), items["scam-1"]
    token = browser.headers["X-CSRF-Token"]
    other = web.browser("admin").headers["X-CSRF-Token"]
    before = state_of(web.parts.database)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert sent(browser, rule, one, headers={"Origin": "https://evil.example"}) == 403
    assert sent(browser, rule, one, headers={"Origin": "null"}) == 403
    assert sent(browser, rule, one, headers=form, data={"reason": "because"}) == 415
    assert (
        sent(browser, rule, one, headers={"Content-Type": "text/plain"}, content=b'{"reason": "x"}', json=None) == 415
    )
    del browser.headers["Origin"]
    assert sent(browser, rule, one) == 403
    browser.headers["Origin"] = ORIGIN
    if rule.need != "public":
        for shown in ("", "x" * 64, token[:-1], other):
            assert sent(browser, rule, one, headers={"X-CSRF-Token": shown}) == 403
    assert state_of(web.parts.database) == before


def test_a_form_of_our_own_pages_would_be_refused_too(web: Web, items: dict[str, int]) -> None:
    browser = web.browser("admin")
    answer = browser.post(f"/api/items/{items['scam-1']}/approve", data={"reason": "x"})
    assert answer.status_code == 415
    assert answer.json()["error"] == "not_json"


def test_a_program_with_a_token_needs_none_of_it(web: Web, items: dict[str, int]) -> None:
    program = web.program("moderator")
    headers = {"If-Match": '"1"', "Idempotency-Key": KEY}
    answer = program.post(f"/api/items/{items['scam-1']}/approve", json={}, headers=headers)
    assert answer.status_code == 200, answer.text


def test_a_page_of_another_site_cannot_borrow_a_token(web: Web, items: dict[str, int]) -> None:
    program = web.program("moderator")
    headers = {"If-Match": '"1"', "Idempotency-Key": KEY, "Origin": "https://evil.example"}
    assert program.post(f"/api/items/{items['scam-1']}/approve", json={}, headers=headers).status_code == 403
