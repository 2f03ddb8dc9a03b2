"""The queue in a terminal, against an API that answers as the test says."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.unit.cli.conftest import Ran

ROW = {
    "id": 17,
    "content_id": "m-1",
    "kind": "message",
    "user_id": "vex\u202e",
    "version": 4,
    "open": True,
    "action": "flag",
    "severity": "high",
    "confidence": None,
    "escalated": True,
    "opened_at": 0,
    "labels": ["scam", "pii"],
}
ITEM = {
    "row": ROW,
    "text": "call me\u202e",
    "revision": 0,
    "decision": {
        "source": "automatic",
        "reason": "Asks for money.",
        "triggered": [{"engine": "blocklist", "rule": "fraud", "label": "scam", "severity": "high", "why": "fraud"}],
    },
    "rulings": [{"act": "escalate", "by": "ada", "from_action": "flag", "to_action": "flag", "reason": "unsure"}],
    "notes": [{"by": "bob", "text": "seen before"}],
}


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any


class Api:
    """An API on loopback: `answers` by method and path; `asked` is what was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
        self.asked: list[Request] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                address = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                api.asked.append(
                    Request(
                        self.command,
                        address.path,
                        parse_qsl(address.query),
                        dict(self.headers),
                        json.loads(body) if body else None,
                    )
                )
                status, said = api.answers.get(
                    (self.command, address.path), (404, {"detail": "There is no such item."})
                )
                self.send_response(status)
                self.end_headers()
                self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

            do_GET = do_POST = _answer  # noqa: N815  names of the library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def api() -> Iterator[Api]:
    """Yield an API that knows one item."""
    served = Api()
    thread = Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.answers = {
        ("GET", "/api/items"): (200, {"rows": [ROW], "next": None}),
        ("GET", "/api/items/17"): (200, ITEM),
        ("GET", "/api/counts"): (200, {"severities": [{"severity": None, "open": 3, "oldest": None}]}),
        **{
            ("POST", f"/api/items/17/{act}"): (200, {"item_id": 17, "version": 5, "ruling_id": "r-1"})
            for act in ("approve", "override", "escalate")
        },
        ("POST", "/api/items/17/notes"): (200, {"item_id": 17, "version": 5, "ruling_id": None}),
    }
    yield served
    served.server.shutdown()
    thread.join(5)
    served.server.server_close()


@pytest.fixture
def review(moderation: Callable[..., Ran], api: Api) -> Callable[..., Ran]:
    """Return what runs `moderation review` against that API."""
    env = {"MODERATION_REVIEW_URL": api.url, "MODERATION_REVIEW_TOKEN": "mst_secret"}
    return lambda *arguments: moderation("review", *arguments, env=env)


def test_the_queue_is_a_line_for_each_item_without_the_content(review: Callable[..., Ran], api: Api) -> None:
    ran = review("list", "--label", "scam", "--label", "pii", "--severity", "high", "--escalated", "--limit", "3")
    assert ran.code == 0, ran.err
    assert "scam, pii" in ran.out
    assert "call me" not in ran.out
    assert "\u202e" not in ran.out  # it would turn the line around
    asked = api.asked[0]
    assert asked.headers["Authorization"] == "Bearer mst_secret"
    assert {("labels", "scam"), ("labels", "pii"), ("severities", "high"), ("limit", "3")} <= set(asked.query)
    assert dict(asked.query)["escalated"].lower() == "true"
    assert "users" not in dict(asked.query)


def test_pages_are_read_until_there_are_enough_items(review: Callable[..., Ran], api: Api) -> None:
    api.answers["GET", "/api/items"] = (200, {"rows": [ROW] * 200, "next": "c"})
    ran = review("list", "--limit", "450", "--json")
    assert len(ran.lines) == 600  # the API of this test gives whole pages
    assert [dict(one.query).get("cursor") for one in api.asked] == [None, "c", "c"]
    assert [dict(one.query)["limit"] for one in api.asked] == ["200", "200", "50"]


def test_an_item_is_shown_with_its_text_and_why_it_is_there(review: Callable[..., Ran], api: Api) -> None:
    by_id, by_number = review("show", "m-1"), review("show", "17")
    assert by_id.out == by_number.out
    assert ("content", "m-1") in api.asked[0].query
    assert by_id.out.splitlines() == [
        "item 17, version 4, open: message m-1 of vex·",
        "  text: call me·",
        "  flag (revision 0, automatic): Asks for money.",
        "  blocklist/fraud: scam high: fraud",
        "  escalate by ada: flag -> flag: unsure",
        "  note of bob: seen before",
    ]


@pytest.mark.parametrize(
    ("arguments", "act", "body", "said"),
    [
        (("approve", "17"), "approve", {"reason": None}, "approved, version 5, ruling r-1"),
        (
            ("override", "m-1", "remove", "--reason", "again"),
            "override",
            {"action": "block", "reason": "again"},
            "overridden, version 5, ruling r-1",
        ),
        (("escalate", "17", "--priority", "3"), "escalate", {"priority": 3, "reason": None}, "escalated, version 5"),
        (("note", "17", "seen before"), "notes", {"text": "seen before"}, "noted, version 5"),
    ],
)
def test_an_act_names_itself_and_the_version_that_was_seen(
    review: Callable[..., Ran], api: Api, arguments: tuple[str, ...], act: str, body: Any, said: str
) -> None:
    ran = review(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert f"item 17 is {said}" in ran.out
    asked = api.asked[-1]
    assert (asked.method, asked.path, asked.body) == ("POST", f"/api/items/17/{act}", body)
    assert len(asked.headers["Idempotency-Key"]) == 36
    assert asked.headers.get("If-Match") == (None if act == "notes" else '"4"')


def test_an_act_can_be_made_to_depend_on_a_version(review: Callable[..., Ran], api: Api) -> None:
    review("approve", "17", "--if-version", "2")
    assert api.asked[-1].headers["If-Match"] == '"2"'


def test_counts_are_told_by_severity(review: Callable[..., Ran]) -> None:
    assert review("stats").out.split() == ["severity", "open", "oldest", "none", "3"]
    assert review("stats", "--json").lines == [{"severities": [{"severity": None, "open": 3, "oldest": None}]}]


@pytest.mark.parametrize(
    ("status", "answer", "code", "said"),
    [
        (409, {"error": "changed", "detail": "Somebody was faster."}, 1, "moderation: Somebody was faster\n"),
        (401, {"detail": "Sign in."}, 1, "MODERATION_REVIEW_TOKEN"),
        (422, {"detail": "Wrong.", "wrong": [{"field": "reason", "detail": "too long"}]}, 1, "reason: too long"),
        (503, {"detail": "The database is full."}, 69, "The database is full"),
        (502, b"<html>bad gateway</html>", 69, "answers 502"),
        (200, b"<html>somebody else</html>", 1, "answers 200"),
    ],
)
def test_a_refusal_is_one_line(
    review: Callable[..., Ran], api: Api, status: int, answer: Any, code: int, said: str
) -> None:
    api.answers["POST", "/api/items/17/approve"] = (status, answer)
    ran = review("approve", "17")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (code, "", 1)
    assert said in ran.err


def test_nobody_there_and_no_token_are_one_line_each(moderation: Callable[..., Ran]) -> None:
    env: dict[str, str | None] = {"MODERATION_REVIEW_URL": "http://127.0.0.1:9", "MODERATION_REVIEW_TOKEN": "mst_x"}
    ran = moderation("review", "list", env=env)
    assert (ran.code, len(ran.err.splitlines())) == (69, 1)
    assert "moderation review serve" in ran.err
    ran = moderation("review", "list", env={**env, "MODERATION_REVIEW_TOKEN": None})
    assert (ran.code, len(ran.err.splitlines())) == (78, 1)
    assert "MODERATION_REVIEW_TOKEN is not set" in ran.err
