import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from starlette.types import Message

from streams.store.database import Database, Unavailable
from streams.web.parts import Parts
from streams.web.problems import PROBLEM, Problem
from streams.web.security import Body
from tests.unit.web.conftest import Clock, Web, web_of

ASKED = (
    ("GET", "/healthz"),
    ("GET", "/api/items"),
    ("GET", "/api/items/7"),
    ("GET", "/api/items?nonsense=1"),
    ("GET", "/nowhere"),
    ("GET", "/sign-in"),
    ("GET", "/"),
    ("PUT", "/api/items"),
    ("OPTIONS", "/api/items"),
    ("POST", "/api/items/next"),
    ("GET", "/static/review.css"),
    ("GET", "/static/..%2f..%2fapp.py"),
    ("GET", "/api/events"),
)


@pytest.mark.parametrize(("method", "path"), ASKED)
@pytest.mark.parametrize("account", ["moderator", None])
def test_every_answer_has_the_headers(web: Web, account: str | None, method: str, path: str) -> None:
    browser = web.browser(account) if account else web.client()
    headers = browser.request(method, path, headers={"Accept": "text/html"}).headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    if not path.startswith("/static"):
        assert headers["cache-control"] == "no-store"


def test_over_https_browsers_come_back_by_https_only(given: Parts, clock: Clock) -> None:
    origin = "https://review.example.org"
    web = web_of(replace(given, origin=origin + ":443/", media_origin="https://media.example.org"), clock)
    answer = web.client().get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "img-src 'self' https://media.example.org" in answer.headers["content-security-policy"]
    body = {"account": "senior", "password": "correct horse battery"}
    cookies = web.client().post("/api/sign-in", json=body, headers={"Origin": origin}).headers.get_list("set-cookie")
    session = next(one for one in cookies if one.startswith("__Host-moderation="))
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in session
    assert "Domain" not in session


def test_a_note_of_10_mb_is_too_large(web: Web, items: dict[str, int]) -> None:
    browser = web.browser("moderator")
    key = {"Idempotency-Key": "0b0c3c86-5a41-4c42-8b38-6f6d5b7e9a11"}
    answer = browser.post(f"/api/items/{items['scam-1']}/notes", json={"text": "x" * 10_000_000}, headers=key)
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    longest = browser.post(f"/api/items/{items['scam-1']}/notes", json={"text": "x" * 4000}, headers=key)
    assert longest.status_code == 200


async def body_read(parts: list[bytes], limit: int = 10, pause: float = 0.0) -> bytes:
    """Send a request's body in parts; return what the app got."""
    got = b""

    async def app(_: Any, receive: Any, __: Any) -> None:
        nonlocal got
        got = (await receive())["body"]

    async def receive() -> Message:
        await asyncio.sleep(pause)
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(_: Message) -> None:
        raise AssertionError

    await Body(app, limit, time_ms=50)({"type": "http"}, receive, send)
    return got


async def test_a_body_in_parts_is_one() -> None:
    assert await body_read([b"01234", b"56789"]) == b"0123456789"


async def test_a_body_in_parts_is_bounded_too() -> None:
    with pytest.raises(Problem, match="413"):
        await body_read([b"01234", b"56789", b"x"])


async def test_a_body_that_does_not_come_ends_the_request() -> None:
    with pytest.raises(Problem, match="408"):
        await body_read([b"0"], pause=60.0)


def test_a_database_that_is_away_is_said_with_when_to_come_again(given: Parts, clock: Clock) -> None:
    class Away(Database):
        """A database whose server is gone."""

        def __init__(self) -> None:
            """Name nothing."""

        @contextmanager
        def reading(self) -> Iterator[Connection]:
            """Fail as a lost connection does."""
            yield from self._failed()

        def _failed(self) -> Iterator[Connection]:
            raise Unavailable("the database: the connection was lost: try again")

    web = web_of(replace(given, database=Away()), clock)
    answer = web.client().get("/api/items", headers={"Authorization": "Bearer mst_x"})
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"


def test_a_defect_is_told_without_its_text(given: Parts, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> bool:
        raise RuntimeError("4111 1111 1111 1111")

    web = web_of(replace(given, ready=broken), clock)
    answer = web.client().get("/readyz")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "x-content-type-options" in answer.headers
    assert "4111" not in answer.text + caplog.text
    assert "RuntimeError at test_security.py" in caplog.text


def test_who_is_not_signed_in_is_led_to_the_page_and_back(web: Web) -> None:
    answer = web.client().get("/items/7?a=b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fitems%2F7%3Fa%3Db"
