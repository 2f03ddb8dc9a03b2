from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from streams.core.rights import Grant
from streams.store.tables import outbox, ruling
from streams.web.parts import Parts
from tests.unit.web.conftest import Clock, Web, web_of

SEEN: Final = '"2"'  # the version of an item whose message came with its decision


def act(client: TestClient, item_id: int, name: str, body: Any = None, **headers: str) -> Any:
    """Act on an item, as it was first seen, under a new id."""
    version = client.get(f"/api/items/{item_id}").headers.get("etag", '"1"')
    sent = {"If-Match": version, "Idempotency-Key": str(uuid4())} | headers
    return client.post(f"/api/items/{item_id}/{name}", json={} if body is None else body, headers=sent)


def test_an_item_is_read_ruled_on_and_closed(web: Web, items: dict[str, int]) -> None:
    browser, item_id = web.browser("moderator"), items["scam-1"]
    page = browser.get("/api/items", params={"labels": "scam"}).json()
    assert sorted(row["content_id"] for row in page["rows"]) == ["scam-1", "scam-2"]
    read = browser.get(f"/api/items/{item_id}")
    assert read.json()["text"] == "Send me money"
    done = act(browser, item_id, "approve")
    assert done.status_code == 200, done.text
    assert done.headers["etag"] == f'"{done.json()["version"]}"'
    assert browser.get(f"/api/items/{item_id}").json()["row"]["open"] is False
    assert [row["content_id"] for row in browser.get("/api/items?labels=scam").json()["rows"]] == ["scam-2"]


def test_who_comes_late_is_told_what_changed(web: Web, items: dict[str, int]) -> None:
    first, second, item_id = web.browser("moderator"), web.browser("senior"), items["scam-1"]
    seen = second.get(f"/api/items/{item_id}").headers["etag"]
    assert act(first, item_id, "approve").status_code == 200
    late = act(second, item_id, "override", {"action": "block", "reason": "a scam"}, **{"If-Match": seen})
    assert late.status_code == 409
    told = late.json()
    assert told["error"] == "changed"
    assert [(one["by"], one["act"]) for one in told["changed"]["what"]] == [("moderator", "approve")]
    assert f'"{told["changed"]["version"]}"' == second.get(f"/api/items/{item_id}").headers["etag"]


def test_the_same_act_twice_is_one(web: Web, items: dict[str, int]) -> None:
    browser, item_id = web.browser("moderator"), items["scam-1"]
    headers = {"If-Match": browser.get(f"/api/items/{item_id}").headers["etag"], "Idempotency-Key": str(uuid4())}
    answers = [browser.post(f"/api/items/{item_id}/approve", json={}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    with web.parts.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ruling)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 1


@pytest.mark.parametrize(
    ("missing", "status", "code"), [("If-Match", 428, "version_missing"), ("Idempotency-Key", 400, "bad_request")]
)
def test_an_act_says_what_was_seen_and_has_a_name(
    web: Web, items: dict[str, int], missing: str, status: int, code: str
) -> None:
    headers = {"If-Match": SEEN, "Idempotency-Key": str(uuid4())}
    del headers[missing]
    answer = web.browser("moderator").post(f"/api/items/{items['scam-1']}/approve", json={}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


@pytest.mark.parametrize("version", ["*", "1", 'W/"1"', '"x"', '"1", "2"'])
def test_any_version_is_not_one_that_was_seen(web: Web, items: dict[str, int], version: str) -> None:
    assert act(web.browser("moderator"), items["scam-1"], "approve", **{"If-Match": version}).status_code == 422


def test_an_override_without_the_reason_that_a_policy_wants_is_told_so(web: Web, items: dict[str, int]) -> None:
    answer = act(web.browser("senior"), items["scam-1"], "override", {"action": "block"})
    assert answer.status_code == 422
    assert "reason" in answer.json()["detail"]


ITEM_ROUTES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("GET", "/api/items/{}", None),
    ("GET", "/api/items/{}/similar", None),
    ("GET", "/api/conversations/{}", None),
    ("POST", "/api/items/{}/approve", {}),
    ("POST", "/api/items/{}/override", {"action": "block", "reason": "x"}),
    ("POST", "/api/items/{}/undo", {"reason": "x"}),
    ("POST", "/api/items/{}/escalate", {"reason": "x"}),
    ("POST", "/api/items/{}/deescalate", {"reason": "x"}),
    ("POST", "/api/items/{}/notes", {"text": "x"}),
    ("POST", "/api/items/{}/claim", {}),
    ("POST", "/api/items/{}/release", {}),
    ("POST", "/api/items/{}/assign", {"to": "tenant-1"}),
)


@pytest.mark.parametrize(("method", "path", "body"), ITEM_ROUTES)
def test_an_item_of_another_tenant_is_not_there(
    web: Web, items: dict[str, int], method: str, path: str, body: Any
) -> None:
    browser = web.browser(web.account("tenant-1", Grant("admin", tenants=("t1",))))
    headers = {"If-Match": SEEN, "Idempotency-Key": str(uuid4())}
    theirs = browser.request(method, path.format(items["scam-2"]), json=body, headers=headers)
    nobodys = browser.request(method, path.format(99_999), json=body, headers=headers)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    mine = browser.request(method, path.format(items["scam-1"]), json=body, headers=headers)
    assert mine.status_code != 404


def test_lists_bulk_and_users_stop_at_the_tenant(web: Web, items: dict[str, int]) -> None:
    browser = web.browser(web.account("tenant-1", Grant("senior", tenants=("t1",))))
    rows = browser.get("/api/items").json()["rows"]
    assert sorted(row["content_id"] for row in rows) == ["drugs-1", "scam-1"]
    assert browser.get("/api/users/u2").status_code == 404
    order = {"Idempotency-Key": str(uuid4())}
    assert browser.post("/api/users/u2/restrict", json={}, headers=order).status_code == 404
    both = {"selection": {"ids": sorted(items.values())}, "wish": {"act": "approve"}}
    assert browser.post("/api/bulk/preview", json=both).json()["number"] == 2


def test_rights_hold_for_labels_too(web: Web, items: dict[str, int]) -> None:
    grants = (Grant("moderator", labels=("scam",)), Grant("auditor", labels=("drugs",)))
    browser = web.browser(web.account("both", *grants))
    assert act(browser, items["scam-1"], "approve").status_code == 200
    refused = act(browser, items["drugs-1"], "approve")
    assert refused.status_code == 403
    assert refused.json()["right"] == "approve"
    alone = web.browser(web.account("alone", Grant("moderator", labels=("scam",))))
    assert alone.get(f"/api/items/{items['drugs-1']}").status_code == 404


def test_the_next_item_is_given_to_one_and_only_where_it_may_be_worked_on(web: Web, items: dict[str, int]) -> None:
    looks = (Grant("auditor"), Grant("moderator", labels=("scam",)))
    first, second = web.browser(web.account("looks", *looks)), web.browser("moderator")
    given = [browser.post("/api/items/next", json={}).json()["item"]["id"] for browser in (first, second, first)]
    assert sorted(given) == sorted(items.values())
    assert given[1] == items["drugs-1"]
    assert first.post("/api/items/next", json={}).json() == {"item": None}


def test_a_saved_queue_is_a_filter_that_fields_stand_in_for(web: Web, items: dict[str, int]) -> None:
    browser = web.browser("moderator")
    saved = browser.post("/api/queues", json={"name": "Scams", "query": {"labels": ["scam"], "tenants": ["t1"]}})
    queue = saved.json()["id"]
    shown = browser.get("/api/items", params={"queue": queue}).json()["rows"]
    assert [row["id"] for row in shown] == [items["scam-1"]]
    other = browser.get("/api/items", params={"queue": queue, "tenants": "t2"}).json()["rows"]
    assert [row["id"] for row in other] == [items["scam-2"]]
    assert web.browser("senior").get("/api/items", params={"queue": queue}).status_code == 404
    assert browser.post("/api/queues", json={"name": "S", "query": {}, "shared": True}).status_code == 403
    assert browser.delete(f"/api/queues/{queue}").status_code == 204
    assert browser.delete(f"/api/queues/{queue}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "limit=201",
        "limit=0",
        "kinds=song",
        "text=%00",
        "severities=worst",
        "cursor=x",
        "since=-1",
        "queue=0",
    ],
)
def test_a_filter_that_nobody_knows_is_an_error_and_not_the_whole_queue(web: Web, query: str) -> None:
    assert web.browser("moderator").get(f"/api/items?{query}").status_code == 422


def test_pages_follow_each_other_by_cursor(web: Web, items: dict[str, int]) -> None:
    browser, seen, cursor = web.browser("moderator"), [], None
    for _ in range(3):
        page = browser.get("/api/items", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in page["rows"]]
        cursor = page["next"]
    assert cursor is None
    assert sorted(seen) == sorted(items.values())


def test_an_act_on_many_reaches_as_many_as_were_shown_or_none(web: Web, items: dict[str, int]) -> None:
    browser = web.browser("senior")
    asked = {"selection": {"like": "author", "item_id": items["scam-1"]}, "wish": {"act": "undo", "reason": "fine"}}
    number = browser.post("/api/bulk/preview", json=asked).json()["number"]
    assert number == 2
    wrong = browser.post("/api/bulk", json=asked | {"expected": 3}, headers={"Idempotency-Key": str(uuid4())})
    assert wrong.status_code == 409
    done = browser.post("/api/bulk", json=asked | {"expected": number}, headers={"Idempotency-Key": str(uuid4())})
    assert len(done.json()["acted"]) == 2
    assert [row["id"] for row in browser.get("/api/items").json()["rows"]] == [items["scam-2"]]


def test_the_relay_is_woken_by_a_ruling_and_by_nothing_else(given: Parts, clock: Clock, items: dict[str, int]) -> None:
    woken: list[str] = []
    web = web_of(replace(given, wake=lambda: woken.append("!")), clock)
    browser = web.browser("moderator")
    act(browser, items["scam-1"], "claim")
    act(browser, items["scam-1"], "approve", **{"If-Match": '"1"'})
    assert woken == []
    act(browser, items["scam-1"], "approve")
    assert woken == ["!"]


def test_the_log_tells_who_did_what_with_the_texts(web: Web, items: dict[str, int]) -> None:
    act(web.browser("moderator"), items["scam-1"], "notes", {"text": "I know him"})
    entries = web.browser("auditor").get("/api/audit").json()["entries"]
    assert [(one["body"]["act"], one["body"]["by"], one["note"]) for one in entries] == [
        ("note", "moderator", "I know him")
    ]
    limited = web.browser(web.account("some", Grant("auditor", tenants=("t1",))))
    assert limited.get("/api/audit").status_code == 403


def test_a_user_is_erased_by_who_names_him_twice(web: Web, items: dict[str, int]) -> None:
    browser = web.browser("admin")
    assert browser.post("/api/users/u1/erase", json={"user_id": "u2"}).status_code == 422
    assert browser.post("/api/users/u1/erase", json={"user_id": "u1"}).json()["items"] == 2
    assert browser.get(f"/api/items/{items['scam-1']}").json()["text"] is None


def test_ids_of_users_hold_anything(web: Web) -> None:
    browser = web.browser("senior")
    headers = {"Idempotency-Key": str(uuid4())}
    done = browser.post("/api/users/a%2Fb%20%3F/restrict/restrict", json={"reason": "x"}, headers=headers)
    assert done.json()["user_id"] == "a/b ?/restrict"
