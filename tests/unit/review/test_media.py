import asyncio
import socket
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from streams.adapters.picture import Limits
from streams.adapters.unreadable import Unreadable
from streams.adapters.video import VideoLimits
from streams.core.content import Location
from streams.review.media import MediaReader, NotShown, media_reader
from streams.review.thumbnail import LARGEST, Look
from streams.settings import Settings
from streams.store.preview import Preview
from tests.unit.adapters.clips import clip, plain, soundtrack
from tests.unit.review.stored_media import Stored, animation, at, opened, picture

LIMITS = Limits(size=4 << 20, frames=4, video=VideoLimits(size=8 << 20, seconds=10.0, cpu=10.0, frames=8, side=160))

Readers = Callable[..., MediaReader]


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    """Yield what makes readers; they are closed at the end."""
    made: list[MediaReader] = []

    def reader(stored: Stored, **changes: Any) -> MediaReader:
        keys: dict[str, Any] = {"limits": LIMITS, "timeout": 10.0, "wait": 10.0, "cache": 16 << 20, **changes}
        made.append(MediaReader(stored, keys.pop("limits"), **keys))
        return made[-1]

    yield reader
    for each in made:
        await each.close()


def judged(data: bytes | None, *keys: str, kind: str = "image") -> Preview:
    """Return an object whose bytes were judged."""
    digest = None if data is None else sha256(data).hexdigest()
    return Preview(kind, digest, tuple(at(key) for key in keys or ("a",)))


async def told(reader: MediaReader, preview: Preview) -> tuple[str, str] | None:
    """Return why an object is not shown; None where it is."""
    try:
        await reader.shown(preview)
    except NotShown as error:
        return error.failure, error.reason
    return None


async def failure(reader: MediaReader, preview: Preview) -> tuple[str, str]:
    with pytest.raises(NotShown) as caught:
        await reader.shown(preview)
    return caught.value.failure, caught.value.reason


async def test_a_picture_is_shown_as_a_jpeg_of_ours(readers: Readers) -> None:
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"  # what the picture shows, by its author's word
    data = picture((200, 10, 10), name="JPEG", exif=exif, comment=b"<script>alert(1)</script>")
    reader = readers(Stored({"a": data}))

    shown = await reader.shown(judged(data))

    assert (shown.kind, shown.width, shown.height, shown.times_ms, shown.end_ms) == ("image", 400, 300, (0,), 0)
    made = await reader.looked(shown, 0, Look(100))
    assert opened(made).size == (100, 75)
    assert b"script" not in made


async def test_other_bytes_than_the_judged_ones_are_not_shown(readers: Readers) -> None:
    data, other = picture("red"), picture("blue")
    reader = readers(Stored({"a": other}))
    assert await failure(reader, judged(data)) == ("gone", "changed")


async def test_bytes_that_nobody_could_read_when_they_were_judged_are_shown_as_they_lie_there(readers: Readers) -> None:
    reader = readers(Stored({"a": picture()}))
    assert len((await reader.shown(judged(None))).frames) == 1


async def test_what_was_moved_is_read_where_it_lies_now(readers: Readers) -> None:
    data = picture()
    stored = Stored({"quarantine": data})
    assert (await readers(stored).shown(judged(data, "home", "quarantine"))).width == 400
    assert stored.asked == ["home", "quarantine"]


async def test_what_was_deleted_is_gone_though_it_be_known(readers: Readers) -> None:
    data = picture()
    reader = readers(Stored({"a": data}))
    await reader.shown(judged(data))
    gone = Preview("image", sha256(data).hexdigest(), ())
    assert await failure(reader, gone) == ("gone", "deleted")


async def test_an_object_is_read_once_for_all_who_ask(readers: Readers) -> None:
    data = picture()
    stored = Stored({"a": data})
    stored.go.clear()
    reader = readers(stored)
    asking = [asyncio.create_task(reader.shown(judged(data))) for _ in range(20)]
    await stored.called.wait()
    stored.go.set()
    shown = await asyncio.gather(*asking)
    await reader.shown(judged(data))
    assert stored.asked == ["a"]
    assert all(each is shown[0] for each in shown)


async def test_who_asks_waits_for_a_bounded_time_and_finds_the_picture_later(readers: Readers) -> None:
    data = picture()
    stored = Stored({"a": data})
    stored.go.clear()
    reader = readers(stored, wait=0.05)
    assert await failure(reader, judged(data)) == ("waiting", "timeout")
    stored.go.set()
    async with asyncio.timeout(10):
        while (await told(reader, judged(data))) == ("waiting", "timeout"):
            pass
    assert await told(reader, judged(data)) is None
    assert stored.asked == ["a"]


async def test_a_store_that_never_answers_is_left_after_its_time(readers: Readers) -> None:
    stored = Stored({"a": picture()})
    stored.go.clear()
    assert await failure(readers(stored, timeout=0.05), judged(None)) == ("unavailable", "timeout")


@pytest.mark.parametrize(
    ("reason", "retryable", "failed"),
    [
        ("unreachable", True, "unavailable"),
        ("unavailable", True, "unavailable"),
        ("access_denied", False, "unavailable"),
        ("no_credentials", False, "unavailable"),
        ("archived", False, "unavailable"),
        ("host_not_allowed", False, "unavailable"),
        ("address_not_allowed", False, "unavailable"),
        ("object_not_found", False, "gone"),
        ("changed", False, "gone"),
        ("too_large", False, "undecodable"),
    ],
)
async def test_why_an_object_cannot_be_read_is_told(
    readers: Readers, reason: Any, failed: str, *, retryable: bool
) -> None:
    stored = Stored({"a": Unreadable(reason, retryable=retryable)})
    said = await failure(readers(stored, timeout=0.1), judged(None))
    assert said == (failed, reason) or (retryable and said == (failed, "timeout"))


async def test_where_one_place_cannot_be_asked_nobody_says_that_the_object_is_gone(readers: Readers) -> None:
    stored = Stored({"a": Unreadable("unreachable")})
    assert await failure(readers(stored), judged(None, "a", "b")) == ("unavailable", "unreachable")


async def test_a_store_that_is_back_is_asked_again_and_a_broken_file_is_not(readers: Readers) -> None:
    data = picture()
    stored = Stored({"a": Unreadable("access_denied"), "b": b"GIF89a but no more"})
    reader = readers(stored)
    assert (await failure(reader, judged(data)))[0] == "unavailable"
    stored.objects["a"] = data
    assert (await reader.shown(judged(data))).width == 400
    broken = judged(b"GIF89a but no more", "b")
    first = await failure(reader, broken)
    assert first[0] == "undecodable"
    assert await failure(reader, broken) == first
    assert stored.asked.count("b") == 1


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it has very many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = zlib.compress(bytes(1 << 20), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "page behind the mark of a GIF": b"GIF89a/*<html><script>alert(1)</script>*/=1;",
    "playlist": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/secret\n",
    "half a picture": picture()[:200],
    "bomb": bomb(9_000, 9_000),
    "wide bomb": bomb(200_000, 2),
    "film of sound alone": soundtrack(),
    "a mark and noise": b"\xff\xd8\xff" + bytes(range(256)) * 40,
    "a film's mark and noise": b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 40,
    "tiff": b"II*\0" + bytes(100),
}


@pytest.mark.parametrize(("name", "kind"), [*((name, "image") for name in HOSTILE), ("svg", "video")])
async def test_what_is_no_picture_is_not_shown_and_the_next_one_is(readers: Readers, name: str, kind: str) -> None:
    data = picture()
    reader = readers(Stored({"hostile": HOSTILE[name], "a": data}))
    started = time.monotonic()
    assert (await failure(reader, judged(HOSTILE[name], "hostile", kind=kind)))[0] == "undecodable"
    assert time.monotonic() - started < 8
    assert (await reader.shown(judged(data))).width == 400


async def test_a_polyglot_comes_out_as_pixels_alone(readers: Readers) -> None:
    page = b"<html><script>alert(document.cookie)</script></html>"
    for data in (
        picture() + page,
        picture(name="JPEG", comment=page) + b"PK\x03\x04" + page,
        picture(name="GIF") + page,
    ):
        reader = readers(Stored({"a": data}))
        shown = await reader.shown(judged(data))
        assert opened(shown.frames[0]).size == (400, 300)
        assert b"script" not in shown.frames[0]


async def test_real_broken_files_are_shown_as_jpeg_or_not_at_all(readers: Readers, shared: Path) -> None:
    files = {
        path.name: path.read_bytes() for path in (shared / "data/media/malformed").iterdir() if path.suffix != ".csv"
    }
    reader = readers(Stored({**files}))
    shown = 0
    for name, data in files.items():
        started = time.monotonic()
        why = await told(reader, judged(data, name))
        assert why is None or why[0] == "undecodable"
        if why is None:
            shown += 1
            for frame in (await reader.shown(judged(data, name))).frames:
                assert max(opened(frame).size) <= LARGEST
        assert time.monotonic() - started < 10
    assert 0 < shown < len(files)


async def test_every_different_frame_of_an_animation_can_be_seen(readers: Readers) -> None:
    data = animation(["white", "white", "red", "white"])
    reader = readers(Stored({"a": data}))
    shown = await reader.shown(judged(data))
    assert (shown.kind, shown.end_ms, len(shown.frames)) == ("image", 2000, len(shown.times_ms))
    red = shown.frame_at(1000)
    pixel = opened(await reader.looked(shown, red, Look())).getpixel((60, 45))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200
    assert pixel[1] < 80
    assert shown.frame_at(999) < red < len(shown.frames)


@pytest.mark.parametrize("kind", ["video", "image"])  # whatever it was announced as
async def test_frames_of_a_video_can_be_seen(readers: Readers, kind: str) -> None:
    data = clip([plain(20)] * 10 + [plain(220)] * 10, fps=10)
    reader = readers(Stored({"a": data}))
    shown = await reader.shown(judged(data, kind=kind))
    assert (shown.kind, shown.end_ms, shown.width, shown.height) == ("video", 2000, 160, 120)
    frames = [opened(shown.frames[shown.frame_at(moment)]) for moment in (0, 500, 1500, 9_000_000)]
    assert [frame.convert("L").tobytes()[0] > 128 for frame in frames] == [False, False, True, True]


async def test_a_video_announced_as_a_picture_does_not_hold_up_pictures(readers: Readers) -> None:
    film, other, data = clip([plain(20)] * 10, fps=10), clip([plain(90)] * 10, fps=10), picture()
    stored = Stored({"film": film, "other": other, "a": data})
    reader = readers(stored)
    first = asyncio.create_task(reader.shown(judged(other, "other", kind="video")))
    await stored.called.wait()
    assert await failure(reader, judged(film, "film")) == ("waiting", "video")
    assert (await reader.shown(judged(data))).width == 400
    assert (await first).kind == "video"


async def test_a_picture_may_not_be_as_large_as_a_video(readers: Readers) -> None:
    data = picture() + bytes(LIMITS.size)
    stored = Stored({"a": data})
    reader = readers(stored)
    assert await failure(reader, judged(data, kind="image")) == ("undecodable", "too_large")
    assert await failure(reader, Preview("video", None, (at("a"),))) == ("undecodable", "too_large")
    assert stored.limits == [LIMITS.size, LIMITS.video.size]


async def test_too_many_at_once_are_told_to_come_again(readers: Readers) -> None:
    stored = Stored()
    stored.go.clear()
    reader = readers(stored, wait=0.01)
    found = await asyncio.gather(*(failure(reader, judged(None, str(number))) for number in range(300)))
    assert found.count(("unavailable", "busy")) == 300 - 256
    assert len(stored.asked) == 4


async def test_the_service_reads_no_files_and_no_strange_hosts_and_a_store_that_is_down_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "a-test-s")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    reader = media_reader(Settings(s3_endpoint=endpoint, media_timeout=1.0))
    places = {
        Location(path=str(Path(__file__))): ("gone", "local_not_allowed"),
        Location(url="https://169.254.169.254/latest/meta-data"): ("unavailable", "host_not_allowed"),
        Location(url="http://media.example/a.jpg"): ("unavailable", "not_https"),
    }
    for place, why in places.items():
        assert await failure(reader, Preview("image", None, (place,))) == why
    assert (await failure(reader, Preview("image", None, (at("a"),))))[0] == "unavailable"
    await reader.close()
