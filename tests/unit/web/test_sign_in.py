from tests.unit.web.conftest import ORIGIN, PASSWORD, Web


def sign_in(web: Web, account: str, password: str = PASSWORD) -> int:
    browser = web.client()
    body = {"account": account, "password": password}
    status: int = browser.post("/api/sign-in", json=body, headers={"Origin": ORIGIN}).status_code
    return status


def test_a_password_signs_in_and_the_session_ends_at_sign_out(web: Web) -> None:
    browser = web.client()
    body = {"account": "senior", "password": PASSWORD}
    answer = browser.post("/api/sign-in", json=body, headers={"Origin": ORIGIN})
    assert answer.status_code == 200, answer.text
    me = browser.get("/api/me").json()
    assert me == answer.json()
    assert me["account"] == "senior"
    held = dict(browser.cookies)
    out = browser.post("/api/sign-out", headers={"Origin": ORIGIN, "X-CSRF-Token": me["csrf"]})
    assert out.status_code == 204
    browser.cookies.update(held)
    assert browser.get("/api/me").status_code == 401
