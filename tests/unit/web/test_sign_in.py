"""Passwords and sessions."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from streams.core.rights import Grant
from streams.store import accounts, auditing
from streams.store.passwords import Passwords
from streams.store.tables import account, session
from streams.web.identify import PLAIN_COOKIE
from tests.unit.web.conftest import ORIGIN, PASSWORD, Web


def sign_in(client: TestClient, account: str, password: str = PASSWORD) -> Any:
    """Sign in with a password."""
    return client.post("/api/sign-in", json={"account": account, "password": password}, headers={"Origin": ORIGIN})


def test_a_password_signs_in_and_the_session_ends_at_sign_out(web: Web) -> None:
    browser = web.client()
    answer = sign_in(browser, "senior")
    assert answer.status_code == 200, answer.text
    me = browser.get("/api/me").json()
    assert me == answer.json()
    assert me["account"] == "senior"
    held = dict(browser.cookies)
    out = browser.post("/api/sign-out", headers={"Origin": ORIGIN, "X-CSRF-Token": me["csrf"]})
    assert out.status_code == 204
    browser.cookies.update(held)
    assert browser.get("/api/me").status_code == 401


def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(web: Web) -> None:
    wrong, unknown = sign_in(web.client(), "senior", "wrong"), sign_in(web.client(), "nobody-here", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert not wrong.cookies
    assert not unknown.cookies


def test_a_disabled_account_signs_in_nowhere_and_its_sessions_and_tokens_end(web: Web) -> None:
    browser, program = web.browser("moderator"), web.program("moderator")
    assert browser.get("/api/me").status_code == program.get("/api/me").status_code == 200
    changed = web.browser("admin").patch("/api/accounts/moderator", json={"disabled": True})
    assert changed.status_code == 200
    assert browser.get("/api/me").status_code == program.get("/api/me").status_code == 401
    assert sign_in(web.client(), "moderator").status_code == 401


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(web: Web) -> None:
    planted = "A" * 43
    browser = web.client()
    browser.cookies.set(PLAIN_COOKIE, planted)
    answer = sign_in(browser, "senior")
    given = answer.cookies[PLAIN_COOKIE]
    assert given != planted
    thief = web.client()
    thief.cookies.set(PLAIN_COOKIE, planted)
    assert thief.get("/api/me").status_code == 401


def test_signing_in_again_ends_the_session_before(web: Web) -> None:
    browser = web.client()
    before = sign_in(browser, "senior").cookies[PLAIN_COOKIE]
    sign_in(browser, "moderator")
    thief = web.client()
    thief.cookies.set(PLAIN_COOKIE, before)
    assert thief.get("/api/me").status_code == 401


def test_the_store_does_not_hold_what_a_browser_shows(web: Web) -> None:
    browser = web.client()
    answer = sign_in(browser, "senior")
    cookie, csrf = answer.cookies[PLAIN_COOKIE], answer.json()["csrf"]
    with web.parts.database.reading() as connection:
        row = connection.execute(select(session)).one()
    assert cookie not in str(row)
    assert csrf not in str(row)


def test_a_session_ends_when_nobody_uses_it(web: Web) -> None:
    browser = web.browser("senior")
    for _ in range(3):
        web.clock.now += web.parts.limits.session_idle - 1
        assert browser.get("/api/me").status_code == 200
    web.clock.now += web.parts.limits.session_idle
    assert browser.get("/api/me").status_code == 401


def test_a_session_ends_however_much_it_is_used(web: Web) -> None:
    browser, end = web.browser("senior"), web.clock.now + web.parts.limits.session_longest
    while web.clock.now + 1_000_000 < end:
        web.clock.now += 1_000_000
        assert browser.get("/api/me").status_code == 200
    web.clock.now = end
    assert browser.get("/api/me").status_code == 401


def test_guessing_is_slowed_down_and_signing_in_from_a_known_browser_is_not(web: Web) -> None:
    known = web.client()
    assert sign_in(known, "senior").status_code == 200
    guesser = web.client()
    statuses = [sign_in(guesser, "senior", f"guess {number}").status_code for number in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert sign_in(guesser, "senior").status_code == 429
    assert sign_in(known, "senior").status_code == 200
    waited = sign_in(guesser, "senior").headers["retry-after"]
    web.clock.now += int(waited) * 1000
    assert sign_in(guesser, "senior").status_code == 200


def test_a_forged_mark_of_a_known_browser_is_a_stranger(web: Web) -> None:
    guesser = web.client()
    guesser.cookies.set("moderation-known", f"me.{'0' * 64}")
    for number in range(5):
        sign_in(guesser, "senior", f"guess {number}")
    guesser.cookies.set("moderation-known", f"you.{'1' * 64}")
    assert sign_in(guesser, "senior").status_code == 429


def test_a_new_password_ends_all_other_sessions(web: Web) -> None:
    browser, other = web.browser("senior"), web.browser("senior")
    wrong = browser.post("/api/me/password", json={"old": "wrong", "new": "x" * 12})
    assert wrong.status_code == 403
    short = browser.post("/api/me/password", json={"old": PASSWORD, "new": "x" * 11})
    assert short.status_code == 422
    assert PASSWORD not in short.text
    done = browser.post("/api/me/password", json={"old": PASSWORD, "new": "another long one"})
    assert done.status_code == 204
    assert browser.get("/api/me").status_code == 200
    assert other.get("/api/me").status_code == 401
    assert sign_in(web.client(), "senior", "another long one").status_code == 200


def test_the_audit_log_tells_of_sign_ins_and_no_secret(web: Web) -> None:
    browser = web.client()
    sign_in(browser, "senior", "wrong")
    sign_in(browser, "nobody-here")
    csrf = sign_in(browser, "senior").json()["csrf"]
    browser.post("/api/sign-out", headers={"Origin": ORIGIN, "X-CSRF-Token": csrf})
    with web.parts.database.reading() as connection:
        bodies = [json.loads(one.body) for one in auditing.newest(connection, "accounts", 10)]
    assert [(one["act"], one["by"]) for one in reversed(bodies)] == [
        ("sign_in_failed", "senior"),
        ("sign_in", "senior"),
        ("sign_out", "senior"),
    ]


def test_the_first_account_is_made_once_with_a_password_of_chance(given: Any, passwords: Passwords) -> None:
    with given.database.writing() as connection:
        assert accounts.first(connection, passwords, 1) is None
        connection.execute(account.delete())
        made = accounts.first(connection, passwords, 1)
        assert made is not None
        name, password = made
        kept = accounts.named(connection, name)
    assert kept is not None
    assert kept.grants == (Grant("admin"),)
    assert len(password) >= 24
    assert passwords.right(kept.password, password)


def test_passwords_are_looked_at_a_few_at_a_time(given: Any) -> None:
    inside, most = [0], [0]
    lock, go = threading.Lock(), threading.Event()

    class Slow(Passwords):
        """Takes until it may go on."""

        def right(self, kept: str | None, password: str) -> bool:
            """Count how many are here."""
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            go.wait(5)
            with lock:
                inside[0] -= 1
            return super().right(kept, password)

    parts = replace(given, passwords=Slow(given.passwords._hasher))
    threads = [threading.Thread(target=parts.right, args=(None, "x")) for _ in range(6)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 2


@pytest.mark.parametrize(
    "header", ["Basic c2VuaW9yOng=", "Bearer", "Bearer x", "Bearer mst_unknown", "bearer " + "x" * 9000]
)
def test_a_token_that_opens_nothing_is_refused_even_beside_a_session(web: Web, header: str) -> None:
    answer = web.browser("senior").get("/api/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["www-authenticate"]
