"""Inspection: a task in, one report from each engine that it names out, whatever happens to the objects.

Each object is read once, decoded once, shown to every engine, and let go before the reports are put together.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from time import perf_counter
from typing import Final, NamedTuple, Protocol

import msgspec

from streams.adapters.fetched import Fetched
from streams.adapters.picture import Limits, decoded, is_video, undecoded
from streams.adapters.undecodable import Undecodable
from streams.adapters.unreadable import Unreadable
from streams.core.case import Task
from streams.core.content import Location
from streams.core.engine import Engine, Media
from streams.core.finding import Answer, Report, Status, reported
from streams.core.judged_object import JudgedObject
from streams.core.label import TEXT_KINDS
from streams.core.merged import merged
from streams.core.picture_task import Seen

# Of one task at a time: each holds its bytes, and its pixels while the engines look.
SIDE_BY_SIDE: Final = 4
FIRST_PAUSE: Final = 0.1  # seconds before the second try; doubled each time, up to one second
LONGEST_PAUSE: Final = 1.0
TURN: Final = 600.0  # seconds that an object waits for others at most: its case has expired long before
SOUNDTRACK: Final = {"soundtrack": "no_engine"}  # what is said of a video beside what is seen

# The PDQ of a still picture and of its turned and mirrored forms, where near copies are wanted; otherwise nothing.
Likeness = Callable[[Media], tuple[str, ...]]

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Whoever gives the bytes at a location: `Objects`, or a stand-in."""

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:
        """Return the bytes, at most `limit` of them where one is named, and their version; raise Unreadable."""


def unlike(_: Media) -> tuple[str, ...]:
    """Return that nothing is compared."""
    return ()


class Videos:
    """The threads of videos. What is announced as a video is read when one is free: it may be large."""

    def __init__(self, threads: int) -> None:
        """Take how many videos are held and looked at at a time."""
        self.executor: Executor = ThreadPoolExecutor(threads, thread_name_prefix="video")
        self._free = asyncio.Semaphore(threads)

    @asynccontextmanager
    async def turn(self, kind: str) -> AsyncIterator[None]:
        """Wait for a free thread where the kind is `video`; raise TimeoutError when none is for too long."""
        if kind != "video":
            yield
            return
        async with asyncio.timeout(TURN):
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()


class Look(NamedTuple):
    """What the engines say of one object."""

    answers: Mapping[str, Answer]  # by engine
    durations: Mapping[str, float]  # milliseconds, by engine; reading and decoding not among them
    seen: Seen | None = None  # None where its bytes could not be had
    failure: Answer | None = None  # why it could not be read or decoded
    location: Location | None = None  # where the bytes that were read lie, with their version; None without them


async def inspected(
    objects: Reader,
    engines: Sequence[Engine],
    task: Task,
    limits: Limits,
    timeout: float,  # noqa: ASYNC109  seconds to read each object, and as many to inspect a picture
    executor: Executor | None = None,
    videos: Videos | None = None,
) -> list[Report]:
    """Return exactly one report for each engine that the task names, in its order.

    An object that cannot be read or decoded makes the status `error` (or `timeout`) with the reason; what was found in
    the other objects is kept. Engines run in threads of the executor, the loop's own by default; for videos in those of
    `videos`, by default the same, for as long as the limits say.
    """
    looks = await looked_at(objects, engines, task, limits, timeout, executor, videos)
    return reports(engines, task, looks, task.engines)


async def looked_at(
    objects: Reader,
    engines: Sequence[Engine],
    task: Task,
    limits: Limits,
    timeout: float,  # noqa: ASYNC109  as above
    executor: Executor | None = None,
    videos: Videos | None = None,
    likeness: Likeness = unlike,
) -> list[Look]:
    """Return what those engines that the task names say of each of its objects, in the order of the objects."""
    asked = _asked(engines, task)
    gate = asyncio.Semaphore(SIDE_BY_SIDE)
    judging = partial(_judged, engines=asked, limits=limits, likeness=likeness)

    async def looked(kind: str, location: Location) -> Look:
        async with gate:
            try:
                async with videos.turn(kind) if videos else nullcontext():
                    until = asyncio.get_running_loop().time() + timeout
                    async with asyncio.timeout_at(until):
                        size = limits.video.size if kind == "video" else None
                        data, location = await fetched(objects, location, until, size)
                    if is_video(data):
                        threads = videos.executor if videos else executor
                        look = await _in_turn(threads, 2 * limits.video.seconds, judging, data)
                    elif len(data) > limits.size:
                        raise Unreadable("too_large")  # noqa: TRY301  a picture that was announced as a video
                    else:
                        look = await _in_turn(executor, timeout, judging, data)
                    return look._replace(location=location)
            except Unreadable as error:
                return _failed(asked, "timeout" if error.reason == "timeout" else "error", error.reason)
            except TimeoutError:
                return _failed(asked, "timeout", "timeout")
            except Exception as error:  # noqa: BLE001  one strange object must not stop the stream at itself
                log.error("media could not be inspected: %s", type(error).__name__)  # noqa: TRY400  no traceback: content
                return _failed(asked, "error", "inspection_failed")

    return await asyncio.gather(*(looked(kind, location) for kind, location in task.objects))


def reports(engines: Sequence[Engine], task: Task, looks: Sequence[Look], names: Sequence[str]) -> list[Report]:
    """Return one report for each of these names of engines, given what they say of each object."""
    asked = _asked(engines, task)
    numbered = len(task.objects) > 1 or task.kind in TEXT_KINDS
    return [_report(task, name, asked, looks, numbered=numbered) for name in names]


def with_objects(reports: Sequence[Report], task: Task, looks: Sequence[Look]) -> list[Report]:
    """Return the reports on a task, the first of them with the objects whose bytes were read."""
    read = tuple(
        JudgedObject("video" if kind == "video" else "image", look.location, look.seen.sha256, look.seen.size)
        for (kind, _), look in zip(task.objects, looks, strict=True)
        if look.location is not None and look.seen is not None
    )
    return [msgspec.structs.replace(each, objects=() if place else read) for place, each in enumerate(reports)]


def _asked(engines: Sequence[Engine], task: Task) -> list[Engine]:
    return [engine for engine in engines if engine.name in task.engines and engine.accepts == "media"]


async def fetched(objects: Reader, location: Location, until: float, limit: int | None = None) -> Fetched:
    """Return the bytes and their version; raise Unreadable.

    Where that may help, tries again until the loop's clock says `until`.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            return await objects.fetch(location, limit)
        except Unreadable as error:
            wait = pause * random.uniform(0.5, 1.0)  # noqa: S311  spreads the load, guards nothing
            if not error.retryable or asyncio.get_running_loop().time() + wait >= until:
                raise
            log.info("media is read again: %s", error.reason)
        await asyncio.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _in_turn(executor: Executor | None, seconds: float, judging: Callable[[bytes], Look], data: bytes) -> Look:
    """Return what is to be said of an object. Its time starts with its thread: until then it waits for others."""
    loop = asyncio.get_running_loop()
    started = asyncio.Event()

    def judged() -> Look:
        loop.call_soon_threadsafe(started.set)
        return judging(data)

    work = loop.run_in_executor(executor, judged)
    try:
        async with asyncio.timeout(TURN):
            await started.wait()
        async with asyncio.timeout(seconds):
            return await work
    finally:
        work.cancel()


def _judged(data: bytes, engines: Sequence[Engine], limits: Limits, likeness: Likeness) -> Look:
    """Decode once and ask every engine; blocking."""
    reason: str | None = None
    try:
        media = decoded(data, limits)
    except Undecodable as error:
        # Engines that compare bytes can still answer: what they find counts beside the failure.
        reason, media = error.reason, undecoded(data)
    answers, durations = {}, {}
    for engine in engines:
        started = perf_counter()
        answer = _answer(engine, media)
        durations[engine.name] = (perf_counter() - started) * 1000
        if reason is not None and answer.status != "error":
            answer = Answer(status="error", reason=reason, findings=answer.findings)
        if media.sound:
            answer = msgspec.structs.replace(answer, not_evaluated={**(answer.not_evaluated or {}), **SOUNDTRACK})
        answers[engine.name] = answer
    seen = _seen(media, len(data), likeness(media))
    return Look(answers, durations, seen, Answer("error", reason) if reason is not None else None)


def _seen(media: Media, size: int, pdq: tuple[str, ...]) -> Seen:
    height, width = media.frames[0].shape[:2] if media.frames else (0, 0)
    return Seen(media.sha256, media.kind, media.format, size, width, height, len(media.frames), pdq)


def _answer(engine: Engine, media: Media) -> Answer:
    try:
        (answer,) = engine.inspect([media])
    except Exception as error:  # noqa: BLE001  a crash becomes an answer; its text may quote the content
        log.error("engine %s failed: %s", engine.name, type(error).__name__)  # noqa: TRY400  no traceback: content
        return Answer(status="error", reason="engine_failed")
    return answer


def _failed(engines: Sequence[Engine], status: Status, reason: str) -> Look:
    failure = Answer(status=status, reason=reason)
    return Look({engine.name: failure for engine in engines}, {}, None, failure)


def _report(task: Task, name: str, engines: Sequence[Engine], looks: Sequence[Look], *, numbered: bool) -> Report:
    engine = next((engine for engine in engines if engine.name == name), None)
    if engine is None:
        return reported(task.content_id, name, "", Answer("not_evaluated", "engine_not_configured"), 0.0)
    answers = [look.answers[name] for look in looks]
    duration = sum(look.durations.get(name, 0.0) for look in looks)
    return reported(task.content_id, name, engine.version, merged(answers, numbered=numbered), duration)
