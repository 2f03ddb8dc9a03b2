import asyncio
import io
import struct
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
import qrcode
from PIL import Image

from streams.adapters.fetched import Fetched
from streams.adapters.inspection import Videos, inspected, looked_at, with_objects
from streams.adapters.inspection import reports as reported_on
from streams.adapters.picture import Limits
from streams.adapters.unreadable import Unreadable
from streams.adapters.video import VideoLimits
from streams.core.case import Task
from streams.core.content import Location
from streams.core.engine import Accepts, Config, Engine, Example, Media
from streams.core.finding import Answer, Evidence, Finding, Report
from streams.core.judged_object import JudgedObject
from streams.core.label import Kind
from streams.core.picture_task import Seen
from streams.core.policy import PolicyRef
from streams.core.rule import Rule
from streams.engines.media_hash import MediaHash, MediaHashConfig
from streams.engines.qr import Qr, QrConfig
from tests.unit.adapters.clips import clip

BROKEN = b"\x89PNG\r\n\x1a\n" + bytes(50)
VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(100)


def written(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def code(text: str) -> bytes:
    return written(qrcode.make(text).get_image().convert("RGB"))


PLAIN = written(Image.new("RGB", (80, 80), "green"))


class Shelf:
    """Objects by key: bytes, an error, or one after the other of a list."""

    def __init__(self, **things: bytes | Unreadable | list[bytes | Unreadable]) -> None:
        self.things = things
        self.reads: list[str] = []

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:  # noqa: ARG002  as `Reader` has it
        """Return what lies at the key."""
        key = location.key or ""
        self.reads.append(key)
        thing = self.things[key]
        if isinstance(thing, list):
            thing = thing.pop(0) if len(thing) > 1 else thing[0]
        if isinstance(thing, Unreadable):
            raise thing
        return Fetched(thing, msgspec.structs.replace(location, version_id=f"{key}-1") if location.bucket else location)


class Endless:
    """A reader that never answers."""

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:  # noqa: ARG002  as `Reader` has it
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError(location)


class Scripted:
    """An engine that answers as it is told."""

    name: ClassVar[str] = "bar"
    version: ClassVar[str] = "7"
    accepts: ClassVar[Accepts] = "media"
    Config: ClassVar[type[Config]] = Config
    rules: tuple[Rule, ...] = ()
    labels: frozenset[str] = frozenset({"alcohol"})

    def __init__(self, answer: Callable[[Media], Answer]) -> None:
        self.answer = answer

    def inspect(self, batch: Sequence[Media]) -> list[Answer]:
        """Answer for each."""
        return [self.answer(media) for media in batch]

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return none."""
        return ()


def task(*keys: str, engines: tuple[str, ...] = ("qr",), kind: Kind = "image") -> Task:
    return Task(
        content_id="c1",
        kind=kind,
        objects=tuple(("image", Location(bucket="media", key=key)) for key in keys),
        engines=engines,
        policy=PolicyRef("p", "1"),
        deadline_at=0,
    )


QR: Engine = Qr(QrConfig())


async def reports(shelf: Any, asked: Task, *engines: Engine, seconds: float = 5.0) -> list[Report]:
    return await inspected(shelf, engines or (QR,), asked, Limits(), seconds)


def payloads(report: Report) -> list[tuple[str | None, int | None]]:
    return [(one.payload, one.attachment) for finding in report.findings for one in finding.evidence]


async def test_an_object_is_read_once_and_every_engine_answers_once() -> None:
    shelf = Shelf(a=code("hello"))
    listed = MediaHash(
        MediaHashConfig.model_validate(
            {"lists": [{"name": "known", "lines": [f"sha256:{sha256(code('hello')).hexdigest()}"]}]}
        )
    )
    found = await reports(shelf, task("a", engines=("qr", "media_hash")), listed, QR)
    assert [(one.content_id, one.engine, one.engine_version, one.status) for one in found] == [
        ("c1", "qr", "2", "ok"),
        ("c1", "media_hash", "2", "ok"),
    ]
    assert payloads(found[0]) == [("hello", None)]
    assert found[0].duration_ms > 0
    assert [finding.rule for finding in found[1].findings] == ["known"]
    assert shelf.reads == ["a"]


async def test_of_several_objects_each_finding_names_its_own() -> None:
    shelf = Shelf(a=code("one"), b=PLAIN, c=code("two"))
    (report,) = await reports(shelf, task("a", "b", "c"))
    assert (report.status, payloads(report)) == ("ok", [("one", 0), ("two", 2)])
    assert report.scores == {"qr_code": 1.0}


async def test_the_one_picture_of_a_text_is_its_first_attachment() -> None:
    (report,) = await reports(Shelf(a=code("one")), task("a", kind="message"))
    assert payloads(report) == [("one", 0)]


@pytest.mark.parametrize(
    ("thing", "status", "reason"),
    [
        (Unreadable("object_not_found"), "error", "object_not_found"),
        (Unreadable("changed"), "error", "changed"),
        (Unreadable("too_large"), "error", "too_large"),
        (Unreadable("timeout"), "timeout", "timeout"),
        (b"", "error", "empty"),
        (b"text", "error", "not_an_image"),
        (BROKEN, "error", "broken"),
        (VIDEO, "error", "video_broken"),
    ],
)
async def test_what_cannot_be_read_or_decoded_is_reported_with_its_reason(
    thing: bytes | Unreadable, status: str, reason: str
) -> None:
    (report,) = await reports(Shelf(a=thing), task("a"))
    assert (report.status, report.reason, report.findings) == (status, reason, ())


async def test_one_lost_object_does_not_hide_what_the_others_hold() -> None:
    shelf = Shelf(a=Unreadable("object_not_found"), b=code("found"), c=VIDEO)
    (report,) = await reports(shelf, task("a", "b", "c"))
    assert (report.status, report.reason) == ("error", "object_not_found")
    assert payloads(report) == [("found", 1)]


async def test_a_listed_file_is_found_although_no_decoder_reads_it() -> None:
    lines = [f"sha256:{sha256(BROKEN).hexdigest()}"]
    listed = MediaHash(MediaHashConfig.model_validate({"lists": [{"name": "known", "lines": lines}]}))
    (report,) = await reports(Shelf(a=BROKEN), task("a", engines=("media_hash",)), listed)
    assert (report.status, report.reason) == ("error", "broken")
    assert [finding.rule for finding in report.findings] == ["known"]


async def test_an_engine_that_does_not_run_here_is_named() -> None:
    first, second = await reports(Shelf(a=PLAIN), task("a", engines=("rekognition", "qr")))
    assert (first.engine, first.status, first.reason) == ("rekognition", "not_evaluated", "engine_not_configured")
    assert (second.engine, second.status) == ("qr", "ok")


async def test_a_crash_of_one_engine_is_its_own_and_its_text_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def crash(media: Media) -> Answer:
        raise ValueError(f"secret {media.format}")

    found = await reports(Shelf(a=code("x")), task("a", engines=("bar", "qr")), Scripted(crash), QR)
    assert [(one.status, one.reason) for one in found] == [("error", "engine_failed"), ("ok", None)]
    assert caplog.messages == ["engine bar failed: ValueError"]


async def test_a_reader_that_fails_strangely_is_reported_too(caplog: pytest.LogCaptureFixture) -> None:
    class Strange:
        async def fetch(self, location: Location, limit: int | None = None) -> Fetched:  # noqa: ARG002  as `Reader` has it
            raise LookupError(location.key)

    (report,) = await reports(Strange(), task("a"))
    assert (report.status, report.reason) == ("error", "inspection_failed")
    assert caplog.messages == ["media could not be inspected: LookupError"]


async def test_a_reader_that_never_answers_is_a_timeout() -> None:
    (report,) = await reports(Endless(), task("a", "b"), seconds=0.05)
    assert (report.status, report.reason) == ("timeout", "timeout")


async def test_a_read_that_may_get_better_is_tried_again() -> None:
    shelf = Shelf(a=[Unreadable("unavailable", retryable=True), Unreadable("unreachable", retryable=True), code("x")])
    (report,) = await reports(shelf, task("a"))
    assert (report.status, len(shelf.reads)) == ("ok", 3)


async def test_after_the_time_the_last_reason_is_reported() -> None:
    shelf = Shelf(a=Unreadable("unreachable", retryable=True))
    (report,) = await reports(shelf, task("a"), seconds=0.3)
    assert (report.status, report.reason) == ("error", "unreachable")
    assert 1 < len(shelf.reads) < 7


async def test_what_no_try_can_mend_is_read_once() -> None:
    shelf = Shelf(a=Unreadable("access_denied"))
    await reports(shelf, task("a"))
    assert shelf.reads == ["a"]


async def test_the_highest_score_of_all_objects_counts() -> None:
    def by_colour(media: Media) -> Answer:
        return Answer(scores={"alcohol": float(np.mean(media.frames[0])) / 255})

    shelf = Shelf(a=PLAIN, b=written(Image.new("RGB", (9, 9), "white")), c=PLAIN)
    (report,) = await reports(shelf, task("a", "b", "c", engines=("bar",)), Scripted(by_colour))
    assert report.scores == {"alcohol": 1.0}


async def test_a_finding_without_a_place_still_names_its_object() -> None:
    bar = Scripted(lambda _: Answer(findings=(Finding("alcohol", confidence=90.0),)))
    (report,) = await reports(Shelf(a=PLAIN, b=PLAIN), task("a", "b", engines=("bar",)), bar)
    assert [finding.evidence for finding in report.findings] == [
        (Evidence(attachment=0),),
        (Evidence(attachment=1),),
    ]


async def test_payloads_of_one_report_are_cut_to_what_a_record_can_hold() -> None:
    talkative = Scripted(lambda _: Answer(findings=(Finding("alcohol", evidence=(Evidence(payload="x" * 4096),)),)))
    keys = [f"k{number}" for number in range(6)]
    (report,) = await reports(Shelf(**dict.fromkeys(keys, PLAIN)), task(*keys, engines=("bar",)), talkative)
    assert [len(payload or "") for payload, _ in payloads(report)] == [4096, 4096, 4096, 4096, 0, 0]


async def test_the_same_task_gives_the_same_reports() -> None:
    shelf = Shelf(a=code("one"), b=BROKEN, c=VIDEO)
    one, again = [await reports(shelf, task("a", "b", "c")) for _ in range(2)]
    assert [(r.status, r.reason, r.findings, r.scores) for r in one] == [
        (r.status, r.reason, r.findings, r.scores) for r in again
    ]


def film(*, sound: bool = False) -> bytes:
    """Return a video of three seconds in which a code is shown in the second one."""
    shown = np.asarray(Image.open(io.BytesIO(code("hello"))).resize((240, 240)))
    plain = np.full_like(shown, 90)
    return clip([plain] * 10 + [shown] * 10 + [plain] * 10, sound=sound)


async def test_what_a_video_shows_is_reported_with_its_time() -> None:
    (report,) = await reports(Shelf(a=film()), task("a", kind="video"), seconds=20)
    (evidence,) = report.findings[0].evidence
    assert (report.status, evidence.payload, evidence.frame, evidence.count) == ("ok", "hello", (1000, 2000), 1)
    assert report.not_evaluated is None


async def test_a_soundtrack_is_not_evaluated_and_the_report_says_so() -> None:
    (report,) = await reports(Shelf(a=film(sound=True)), task("a", kind="video"), seconds=20)
    assert (report.status, report.not_evaluated) == ("ok", {"soundtrack": "no_engine"})
    assert len(report.findings) == 1


async def test_a_picture_does_not_wait_for_a_video() -> None:
    seen = threading.Event()

    def answer(media: Media) -> Answer:
        if media.kind == "video":
            return Answer(scores={"alcohol": float(seen.wait(20))})
        seen.set()
        return Answer()

    with ThreadPoolExecutor(1) as pictures:
        shelf = Shelf(a=film(), b=PLAIN)
        asked = task("a", "b", engines=("bar",))
        (report,) = await inspected(shelf, [Scripted(answer)], asked, Limits(), 20.0, pictures, Videos(1))
    assert report.scores == {"alcohol": 1.0}


async def test_time_that_a_picture_waits_for_another_is_not_its_own() -> None:
    first = threading.Event()

    def answer(media: Media) -> Answer:
        first.wait(0.2)
        return Answer(scores={media.sha256[:2]: 1.0})

    with ThreadPoolExecutor(1) as pictures:
        asked = task("a", "b", "c", engines=("bar",))
        shelf = Shelf(a=PLAIN, b=code("b"), c=code("c"))
        (report,) = await inspected(shelf, [Scripted(answer)], asked, Limits(), 0.4, pictures)
    assert (report.status, len(report.scores or {})) == ("ok", 3)


async def test_time_that_a_video_waits_for_another_is_not_its_own() -> None:
    limits = Limits(video=VideoLimits(seconds=5))
    first = threading.Event()

    def answer(media: Media) -> Answer:
        first.wait(0.4)
        return Answer(scores={media.sha256[:2]: 1.0})

    asked = task("a", "b", engines=("bar",))
    shelf = Shelf(a=film(), b=film(sound=True))
    (report,) = await inspected(shelf, [Scripted(answer)], asked, limits, 0.3, None, Videos(1))
    assert (report.status, len(report.scores or {})) == ("ok", 2)


class Counting:
    """A reader of videos that knows with which limits it was asked, and how many were held at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.limits: list[int | None] = []

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:
        """Return the same for every location."""
        self.limits.append(limit)
        return Fetched(self.data, location)


async def test_what_is_announced_as_a_video_may_be_larger_and_is_read_when_its_turn_comes() -> None:
    held: list[int] = []

    def answer(_: Media) -> Answer:
        held.append(len(reader.limits))
        return Answer()

    reader = Counting(film())
    objects = tuple((kind, Location(bucket="media", key=kind)) for kind in ("video", "video"))
    asked = msgspec.structs.replace(task(engines=("bar",)), objects=objects)
    limits = Limits(size=7, video=VideoLimits(size=1 << 20))
    (report,) = await inspected(reader, [Scripted(answer)], asked, limits, 20.0, None, Videos(1))
    assert (report.status, reader.limits, held) == ("ok", [1 << 20, 1 << 20], [1, 2])


async def test_a_picture_that_is_announced_as_a_video_may_not_be_larger() -> None:
    asked = msgspec.structs.replace(task(), objects=(("video", Location(bucket="media", key="a")),))
    limits = Limits(size=len(PLAIN) - 1)
    (report,) = await inspected(Shelf(a=PLAIN), [QR], asked, limits, 5.0, None, Videos(1))
    assert (report.status, report.reason) == ("error", "too_large")


async def test_an_engine_that_takes_too_long_over_a_video_has_run_out_of_time() -> None:
    done = threading.Event()

    def answer(_: Media) -> Answer:
        done.wait(20)
        return Answer()

    limits = Limits(video=VideoLimits(seconds=0.5))
    asked = task("a", engines=("bar",))
    (report,) = await inspected(Shelf(a=film()), [Scripted(answer)], asked, limits, 5.0, None, Videos(1))
    done.set()
    assert (report.status, report.reason) == ("timeout", "timeout")


async def test_after_a_video_that_breaks_its_decoder_the_next_object_is_inspected() -> None:
    limits = Limits(video=VideoLimits(memory=1 << 20))
    asked = task("a", "b")
    (report,) = await inspected(Shelf(a=film(), b=code("next")), [QR], asked, limits, 20.0)
    assert (report.status, report.reason) == ("error", "video_memory")
    assert payloads(report) == [("next", 1)]


def gif(frames: int) -> bytes:
    """Return a GIF of this many frames of four pixels, twenty bytes each."""
    header = b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + bytes((0, 0, 0, 255, 255, 255))
    frame = (
        b"\x21\xf9\x04\x00\x05\x00\x00\x00" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x02\x84\x51\x00"
    )
    return header + frame * frames + b"\x3b"


HEIF = b"\x00\x00\x00\x18ftypheic" + bytes(100)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gif(10_000), "too_many_pixels"),
        (b"", "empty"),
        (PLAIN[: len(PLAIN) // 2], "truncated"),
        (film()[:2000], "video_broken"),
        (b"\x89PNG\r\n\x1a\n" + film(), "broken"),
        (b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "not_an_image"),
        (HEIF, "not_an_image"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40), "broken"),
    ],
)
async def test_hostile_files_end_in_a_report_with_a_reason_in_time(data: bytes, reason: str) -> None:
    started = perf_counter()
    (report,) = await reports(Shelf(a=data), task("a"), seconds=5.0)
    assert (report.status, report.reason) == ("error", reason)
    assert perf_counter() - started < 5


async def test_files_that_crash_decoders_end_in_a_report_in_time(shared: Path) -> None:
    files = sorted((shared / "data" / "media" / "malformed").iterdir())
    for file in files:
        started = perf_counter()
        (report,) = await reports(Shelf(a=file.read_bytes()), task("a"), seconds=5.0)
        assert (report.status == "ok") == (report.reason is None)
        assert perf_counter() - started < 5, file.name


async def test_what_the_bytes_of_each_object_are_is_told_beside_what_engines_say() -> None:
    shelf = Shelf(a=PLAIN, b=BROKEN, c=Unreadable("object_not_found"))
    looks = await looked_at(shelf, (QR,), task("a", "b", "c"), Limits(), 5.0)
    digests = [sha256(data).hexdigest() for data in (PLAIN, BROKEN)]
    assert [look.seen for look in looks] == [
        Seen(digests[0], "image", "PNG", len(PLAIN), 80, 80, 1),
        Seen(digests[1], "image", "PNG", len(BROKEN)),
        None,
    ]
    assert [look.failure and look.failure.reason for look in looks] == [None, "broken", "object_not_found"]


async def test_the_first_report_of_a_task_names_the_versions_that_were_read() -> None:
    asked = task("a", "b", "c", engines=("qr", "media_hash"))
    shelf = Shelf(a=PLAIN, b=Unreadable("object_not_found"), c=BROKEN)
    looks = await looked_at(shelf, (QR,), asked, Limits(), 5.0)
    first, second = with_objects(reported_on((QR,), asked, looks, asked.engines), asked, looks)
    assert first.objects == tuple(
        JudgedObject("image", Location("media", key, f"{key}-1"), sha256(data).hexdigest(), len(data))
        for key, data in (("a", PLAIN), ("c", BROKEN))
    )
    assert second.objects == ()
    assert with_objects([], asked, looks) == []


async def test_pictures_that_were_decoded_are_compared_where_that_is_wanted() -> None:
    shelf = Shelf(a=PLAIN, b=Unreadable("object_not_found"))
    looks = await looked_at(shelf, (QR,), task("a", "b"), Limits(), 5.0, likeness=lambda media: (media.sha256,))
    assert [look.seen and look.seen.pdq for look in looks] == [(sha256(PLAIN).hexdigest(),), None]
