"""Pictures over HTTP: the app on a loop of its own, with objects that lie in memory."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from streams.adapters.unreadable import Unreadable
from streams.core.finding import Evidence
from streams.core.judged_object import JudgedObject
from streams.core.rights import Grant
from streams.review.media import MediaReader
from streams.store import accounts, tokens
from streams.web.app import built
from streams.web.parts import Parts
from tests.unit.adapters.clips import clip, plain
from tests.unit.core.test_sighting import decided, rule
from tests.unit.review.stored_media import Stored, at, opened, picture
from tests.unit.review.test_media import LIMITS
from tests.unit.store.test_preview import done, put
from tests.unit.web.conftest import NOW, ORIGIN

HEADERS: Final = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "content-disposition": 'inline; filename="preview.jpg"',
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}

Client = Callable[..., httpx.AsyncClient]


@pytest.fixture
def stored() -> Stored:
    """Return where the pictures lie."""
    return Stored()


@pytest.fixture
async def reader(stored: Stored) -> AsyncIterator[MediaReader]:
    """Yield who reads them."""
    one = MediaReader(stored, LIMITS, timeout=5.0, wait=5.0, cache=8 << 20)
    yield one
    await one.close()


@pytest.fixture
async def client(given: Parts, reader: MediaReader) -> AsyncIterator[Client]:
    """Yield what makes programs that are signed in to an account, of an app with these parts changed."""
    made: list[httpx.AsyncClient] = []

    def program(account: str | None = "moderator", **changes: Any) -> httpx.AsyncClient:
        app: FastAPI = built(replace(given, **{"media": reader, **changes}))
        one = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)
        made.append(one)
        if account is not None:
            with given.database.writing() as connection:
                _, secret = tokens.made(connection, account, "a test's", None, NOW)
            one.headers["Authorization"] = f"Bearer {secret}"
        return one

    yield program
    for each in made:
        await each.aclose()


@pytest.fixture
def stocked(given: Parts, stored: Stored) -> int:
    """Return an item with one picture, red, 400 by 300."""
    data = picture((200, 10, 10))
    stored.objects["a"] = data
    return put(given.database, JudgedObject("image", at("a"), sha256(data).hexdigest()), tenant="shop")


async def test_a_picture_is_a_jpeg_that_no_page_can_run(client: Client, stocked: int) -> None:
    answer = await client().get(f"/media/{stocked}/0?side=100&grey=1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "private, max-age=300"
    made = opened(answer.content)
    assert (made.size, made.mode) == ((100, 75), "L")
    blurred = await client().get(f"/media/{stocked}/0?side=100&blur=1")
    assert opened(blurred.content).size == (100, 75)


@pytest.mark.parametrize("wrong", ["side=63", "side=1601", "side=x", "blur=maybe"])
async def test_what_cannot_be_asked_for_is_told(client: Client, stocked: int, wrong: str) -> None:
    answer = await client().get(f"/media/{stocked}/0?{wrong}")
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong")


async def test_nobody_sees_a_picture_unless_he_is_signed_in(client: Client, stocked: int) -> None:
    for path in (f"/media/{stocked}/0", f"/media/{stocked}/0/frames/0", f"/api/items/{stocked}/media/0"):
        assert (await client(None).get(path)).status_code == 401


async def test_pictures_of_another_tenant_are_not_there(client: Client, given: Parts, stocked: int) -> None:
    with given.database.writing() as connection:
        accounts.made(connection, "stranger", (Grant("senior", tenants=("other",)),), NOW)
    for path in (f"/media/{stocked}/0", f"/media/{stocked}/0/frames/0", f"/media/{stocked}/1", "/media/999/0"):
        answer = await client("stranger").get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "image/jpeg")
        opened(answer.content)
    assert (await client("stranger").get(f"/api/items/{stocked}/media/0")).status_code == 404


@pytest.mark.parametrize(
    ("bytes_or_reason", "status", "told"),
    [
        (Unreadable("object_not_found"), 410, "gone"),
        (picture("blue"), 410, "gone"),
        (Unreadable("access_denied"), 503, "unavailable"),
        (Unreadable("unreachable"), 503, "unavailable"),
        (Unreadable("too_large"), 422, "undecodable"),
    ],
)
async def test_where_a_picture_cannot_be_shown_a_tile_stands(
    client: Client, stored: Stored, stocked: int, bytes_or_reason: bytes | Unreadable, status: int, told: str
) -> None:
    stored.objects["a"] = bytes_or_reason
    answer = await client().get(f"/media/{stocked}/0?side=200&blur=1")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "image/jpeg")
    assert (answer.headers["cache-control"], answer.headers.get("retry-after")) == (
        "no-store",
        "3" if status == 503 else None,
    )
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert opened(answer.content).width == 200
    assert (await client().get(f"/api/items/{stocked}/media/0")).json()["status"] == told


async def test_svg_and_pages_in_disguise_are_never_passed_on(client: Client, given: Parts, stored: Stored) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    stored.objects["a"] = svg
    one = put(given.database, JudgedObject("image", at("a"), sha256(svg).hexdigest()))
    answer = await client().get(f"/media/{one}/0")
    assert answer.status_code == 422
    opened(answer.content)
    assert b"svg" not in answer.content


async def test_what_lies_in_quarantine_is_shown_and_what_was_deleted_is_not(
    client: Client, given: Parts, stored: Stored, stocked: int
) -> None:
    stored.objects["away"] = stored.objects.pop("a")
    done(given.database, 0, NOW, JudgedObject("image", at("away")))
    assert (await client().get(f"/media/{stocked}/0")).status_code == 200
    done(given.database, 1, NOW + 1, work="delete")
    assert (await client().get(f"/media/{stocked}/0")).status_code == 410


async def test_a_video_is_shown_at_its_worst_moment_and_at_any_other(
    client: Client, given: Parts, stored: Stored
) -> None:
    data = clip([plain(20)] * 10 + [plain(220)] * 10, fps=10)
    stored.objects["film"] = data
    found = decided("video", rule("violence", Evidence(frame=(1_200, 1_900)), confidence=97.5))
    one = put(given.database, JudgedObject("video", at("film"), sha256(data).hexdigest()), decision=found)

    told = (await client().get(f"/api/items/{one}/media/0")).json()

    assert (told["kind"], told["status"], told["duration_ms"], told["sound"]) == ("video", "shown", 2000, False)
    assert [each["span_ms"] for each in told["sightings"]] == [[1200, 1900]]
    assert [each["at_ms"] for each in told["frames"]] == sorted({each["at_ms"] for each in told["frames"]})
    bright = {}
    for path in (told["url"], f"{told['url']}/frames/0", *(each["url"] for each in told["frames"])):
        answer = await client().get(path)
        assert answer.status_code == 200
        bright[path] = opened(answer.content).convert("L").tobytes()[0] > 128
    assert bright[told["url"]]
    assert not bright[f"{told['url']}/frames/0"]
    assert all(bright[each["url"]] == (each["at_ms"] >= 1000) for each in told["frames"])
    assert (await client().get(f"{told['url']}/frames/-1")).status_code == 404
    assert (await client().get(f"{told['url']}/frames/999999999")).status_code == 422


async def test_boxes_are_told_as_shares_of_the_picture(client: Client, stocked: int) -> None:
    told = (await client().get(f"/api/items/{stocked}/media/0")).json()
    assert (told["width"], told["height"], told["frames"]) == (400, 300, [])
    assert [each["box"] for each in told["sightings"]] == [[0.0, 0.0, 9 / 400, 0.03]]


async def test_with_an_origin_of_its_own_a_picture_lies_under_a_signed_address(
    client: Client, clock: Any, stocked: int
) -> None:
    media = "https://pictures.example"
    answer = await client(media_origin=media).get(f"/media/{stocked}/0/frames/5?blur=1")
    assert answer.status_code == 307
    address = answer.headers["location"]
    assert address.startswith(f"{media}/signed/")
    assert address.endswith(f"/media/{stocked}/0/frames/5?blur=1")

    path = address.removeprefix(media)
    shown = await client(None, media_origin=media).get(path)
    assert shown.status_code == 200
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    other = await client(None, media_origin=media).get(path.replace(f"/media/{stocked}/", f"/media/{stocked + 1}/"))
    assert other.status_code == 404
    clock.now += 600_000
    assert (await client(None, media_origin=media).get(path)).status_code == 404


async def test_without_a_reader_a_tile_says_so(client: Client, stocked: int) -> None:
    assert (await client(media=None).get(f"/media/{stocked}/0")).status_code == 503


async def test_whatever_real_broken_files_hold_what_is_served_is_a_small_jpeg_in_time(
    client: Client, given: Parts, stored: Stored, shared: Path
) -> None:
    files = [path.read_bytes() for path in sorted((shared / "data/media/malformed").iterdir()) if path.suffix != ".csv"]
    objects = [JudgedObject("image", at(str(number)), sha256(data).hexdigest()) for number, data in enumerate(files)]
    stored.objects = {str(number): data for number, data in enumerate(files)}
    one = put(given.database, *objects)
    moderator = client()
    statuses = set()
    for number in range(len(files)):
        started = time.monotonic()
        answer = await moderator.get(f"/media/{one}/{number}?side=320")
        assert time.monotonic() - started < 6
        assert answer.headers["content-type"] == "image/jpeg"
        assert max(opened(answer.content).size) <= 320
        assert len(answer.content) < 128 << 10
        statuses.add(answer.status_code)
    assert statuses == {200, 422}
