"""Accounts and tokens over the API."""

import pytest

from streams.core.rights import Grant
from tests.unit.web.conftest import ORIGIN, Web


def test_an_account_is_made_with_a_password_that_is_told_once(web: Web) -> None:
    admin = web.browser("admin")
    made = admin.post("/api/accounts", json={"name": "ann", "grants": [{"role": "senior", "labels": ["scam"]}]})
    assert made.status_code == 201, made.text
    body = {"account": "ann", "password": made.json()["password"]}
    signed = web.client().post("/api/sign-in", json=body, headers={"Origin": ORIGIN}).json()
    assert signed["grants"] == [{"role": "senior", "tenants": None, "labels": ["scam"]}]
    listed = {one["name"]: one for one in admin.get("/api/accounts").json()["accounts"]}
    assert listed["ann"]["password"] is None
    assert listed["ann"]["signs_in_by"] == ["password"]
    assert "argon2" not in admin.get("/api/accounts").text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "senior", "grants": []}, 409),
        ({"name": "nobody", "grants": []}, 422),
        ({"name": "Ann", "grants": []}, 422),
        ({"name": "ann", "grants": [{"role": "king"}]}, 422),
        ({"name": "ann", "grants": [{"role": "moderator", "all": True}]}, 422),
        ({"name": "ann", "grants": [], "subject": "s-1"}, 422),  # nobody vouches here
    ],
)
def test_an_account_that_cannot_be_is_refused(web: Web, body: dict[str, object], status: int) -> None:
    assert web.browser("admin").post("/api/accounts", json=body).status_code == status


def test_nobody_gives_or_takes_what_is_beyond_his_own(web: Web) -> None:
    admin = web.browser(web.account("shop-admin", Grant("admin", tenants=("t1",))))
    web.account("shop-mod", Grant("moderator", tenants=("t1",)))
    beyond = {"name": "ann", "grants": [{"role": "admin"}]}
    assert admin.post("/api/accounts", json=beyond).status_code == 403
    assert admin.patch("/api/accounts/shop-mod", json={"grants": [{"role": "moderator"}]}).status_code == 403
    assert admin.patch("/api/accounts/admin", json={"new_password": True}).status_code == 403
    within = [{"role": "senior", "tenants": ["t1"]}]
    assert admin.patch("/api/accounts/shop-mod", json={"grants": within}).status_code == 200
    names = [one["name"] for one in admin.get("/api/accounts").json()["accounts"]]
    assert names == ["shop-admin", "shop-mod"]
    assert admin.get("/api/tokens?everybody=true").status_code == 403


def test_nobody_changes_his_own_account_so_that_an_admin_is_left(web: Web) -> None:
    changes: tuple[dict[str, object], ...] = ({"disabled": True}, {"grants": []})
    for change in changes:
        assert web.browser("admin").patch("/api/accounts/admin", json=change).status_code == 403


def test_a_change_of_grants_holds_at_once(web: Web) -> None:
    browser = web.browser("moderator")
    assert browser.get("/api/items").status_code == 200
    web.browser("admin").patch("/api/accounts/moderator", json={"grants": []})
    assert browser.get("/api/items").status_code == 403


def test_a_new_password_ends_the_sessions_of_the_account(web: Web) -> None:
    browser = web.browser("moderator")
    told = web.browser("admin").patch("/api/accounts/moderator", json={"new_password": True}).json()
    assert browser.get("/api/me").status_code == 401
    body = {"account": "moderator", "password": told["password"]}
    assert web.client().post("/api/sign-in", json=body, headers={"Origin": ORIGIN}).status_code == 200


def test_a_token_is_told_once_and_opens_until_it_is_withdrawn_or_over(web: Web) -> None:
    browser = web.browser("moderator")
    made = browser.post("/api/tokens", json={"name": "export", "days": 1}).json()
    assert made["secret"] not in browser.get("/api/tokens").text
    program = web.client()
    program.headers["Authorization"] = f"Bearer {made['secret']}"
    assert program.get("/api/me").json()["account"] == "moderator"
    assert program.post("/api/tokens", json={"name": "another"}).status_code == 403
    assert web.browser("senior").delete(f"/api/tokens/{made['token']['id']}").status_code == 404
    web.clock.now += 86_400_000
    assert program.get("/api/me").status_code == 401
    again = web.browser("moderator").post("/api/tokens", json={"name": "export"}).json()
    program.headers["Authorization"] = f"Bearer {again['secret']}"
    assert program.get("/api/me").status_code == 200
    assert web.browser("admin").delete(f"/api/tokens/{again['token']['id']}").status_code == 204
    assert program.get("/api/me").status_code == 401
