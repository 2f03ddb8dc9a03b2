"""Previews: an object of an item in, JPEG pictures of its frames out, whatever its bytes are.

An object is read once and decoded once for all who ask at the same time, and what was made of it is kept for a while.
Only bytes with the judged hash are shown. Whoever asks waits for a bounded time; the work itself goes on, within the
limits of reading and decoding, and is there for the next one who asks.
"""

import asyncio
import logging
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import Final, Literal, NamedTuple, Protocol

from streams.adapters.fetched import Fetched
from streams.adapters.inspection import fetched
from streams.adapters.objects import Objects
from streams.adapters.picture import Limits, decoded, is_video
from streams.adapters.picture import limits as media_limits
from streams.adapters.undecodable import Undecodable
from streams.adapters.unreadable import Unreadable
from streams.core.content import Location
from streams.review.kept import Kept
from streams.review.thumbnail import Look, looked, master
from streams.settings import Settings
from streams.store.preview import Preview

# gone: deleted, moved to where nobody knows, or other bytes lie there. undecodable: what was judged gives no picture.
# unavailable: whoever holds it cannot be reached, or refuses. waiting: it is being read; ask again.
Failure = Literal["gone", "undecodable", "unavailable", "waiting"]

AGE: Final = 600.0  # seconds after which an object is read anew: what was deleted meanwhile is not shown for longer
WAIT: Final = 15.0  # seconds that anybody waits for a picture
READ: Final = 4  # pictures held at once
PICTURE_THREADS: Final = 2  # that decode at once, as in the role `media`
VIDEOS: Final = 1  # read, held and decoded at once
MOST: Final = 256  # objects that are read or wait for it
OVERHEAD: Final = 1024  # bytes that an entry is counted for beside its pictures
GONE: Final = frozenset({"object_not_found", "changed", "bucket_not_found", "invalid_location", "local_not_allowed"})

log = logging.getLogger(__name__)


class NotShown(Exception):
    """There is nothing to show; the reason is from a closed set."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(f"{failure}: {reason}")
        self.failure: Failure = failure
        self.reason = reason


class Shown(NamedTuple):
    """What was made of an object."""

    kind: Literal["image", "video"]  # by its bytes
    width: int  # pixels of a frame, upright, as it was decoded: what boxes are measured in
    height: int
    frames: tuple[bytes, ...]  # JPEG, `thumbnail.LARGEST` pixels a side at most
    times_ms: tuple[int, ...]  # of each frame, ascending from 0
    end_ms: int  # 0 of a still picture
    sound: bool = False

    def frame_at(self, time_ms: int) -> int:
        """Return the number of the frame that is shown at a time."""
        return max((number for number, time in enumerate(self.times_ms) if time <= time_ms), default=0)


class Reads(Protocol):
    """Whoever gives the bytes at a location: `adapters/objects`, or a stand-in."""

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:
        """Return the bytes, at most `limit` of them where one is named; raise Unreadable."""


class MediaReader:
    """Reads, decodes and shrinks. For one event loop."""

    def __init__(self, objects: Reads, limits: Limits, *, timeout: float, wait: float, cache: int) -> None:
        """Take the seconds for reading and for decoding a picture, those that anybody waits, and bytes to keep."""
        self._objects = objects
        self._limits = limits
        self._timeout = timeout
        self._wait = wait
        self._kept: Kept[Shown | NotShown | bytes] = Kept(cache, AGE)
        self._running: dict[Hashable, asyncio.Task[Shown]] = {}
        self._pictures = asyncio.Semaphore(READ)
        self._videos = asyncio.Semaphore(VIDEOS)
        self._picture_threads = ThreadPoolExecutor(PICTURE_THREADS, thread_name_prefix="preview")
        self._video_threads = ThreadPoolExecutor(VIDEOS, thread_name_prefix="preview-video")

    async def shown(self, preview: Preview) -> Shown:
        """Return what was made of an object; raise NotShown, after `wait` seconds at most."""
        if not preview.places:
            raise NotShown("gone", "deleted")
        key: Hashable = preview.sha256 or preview.places
        kept = self._kept.get(key)
        if isinstance(kept, NotShown):
            raise NotShown(kept.failure, kept.reason)
        if isinstance(kept, Shown):
            return kept
        task = self._running.get(key)
        if task is None:
            if len(self._running) >= MOST:
                raise NotShown("unavailable", "busy")
            task = self._running[key] = asyncio.create_task(self._made(key, preview))
            task.add_done_callback(partial(self._ended, key))
        try:
            async with asyncio.timeout(self._wait):
                return await asyncio.shield(task)
        except TimeoutError:
            raise NotShown("waiting", "timeout") from None

    async def looked(self, shown: Shown, number: int, look: Look) -> bytes:
        """Return a frame of what was made of an object as somebody wants to see it, a JPEG."""
        frame = shown.frames[number]
        key = (sha256(frame).digest(), look)
        kept = self._kept.get(key)
        if isinstance(kept, bytes):
            return kept
        made = await asyncio.get_running_loop().run_in_executor(self._picture_threads, looked, frame, look)
        self._kept.put(key, made, len(made) + OVERHEAD)
        return made

    async def close(self) -> None:
        """Stop what runs. A video that is being decoded ends by itself, within its limits."""
        for task in list(self._running.values()):
            task.cancel()
        for threads in (self._picture_threads, self._video_threads):
            threads.shutdown(wait=False, cancel_futures=True)

    def _ended(self, key: Hashable, task: "asyncio.Task[Shown]") -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # who asked has it, or went away

    async def _made(self, key: Hashable, preview: Preview) -> Shown:
        """Read and decode; what will be the same the next time is kept."""
        video = preview.kind == "video"
        try:
            async with self._videos if video else self._pictures:
                data = await self._read(preview, self._limits.video.size if video else self._limits.size)
                shown = await self._decoded(data, announced=video)
        except NotShown as error:
            if error.failure == "undecodable":
                self._kept.put(key, error, OVERHEAD)
            raise
        self._kept.put(key, shown, sum(map(len, shown.frames)) + OVERHEAD)
        return shown

    async def _read(self, preview: Preview, limit: int) -> bytes:
        """Return the bytes that were judged, from the first place that has them; raise NotShown."""
        last = NotShown("gone", "object_not_found")
        for place in preview.places:
            until = asyncio.get_running_loop().time() + self._timeout
            try:
                async with asyncio.timeout_at(until):
                    data = (await fetched(self._objects, place, until, limit)).data
            except Unreadable as error:
                last = _not_read(error, last)
                continue
            except TimeoutError:
                last = NotShown("unavailable", "timeout")
                continue
            if preview.sha256 in {None, await asyncio.to_thread(_hash, data)}:
                return data
            last = last if last.failure == "unavailable" else NotShown("gone", "changed")
        raise last

    async def _decoded(self, data: bytes, *, announced: bool) -> Shown:
        """Return what a file shows; raise NotShown. `announced` says whether as a video, whose turn this then is."""
        video = is_video(data)
        if not video and len(data) > self._limits.size:
            raise NotShown("undecodable", "too_large")
        if video and not announced:
            if self._videos.locked():  # it must not hold up pictures, and comes when it is asked for again
                raise NotShown("waiting", "video")
            async with self._videos:
                return await self._worked(_shown, data, video=True)
        return await self._worked(_shown, data, video=video)

    async def _worked(self, work: Callable[[bytes, Limits], Shown], data: bytes, *, video: bool) -> Shown:
        threads = self._video_threads if video else self._picture_threads
        seconds = self._limits.video.seconds + self._timeout if video else self._timeout
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(threads, work, data, self._limits)
        except Undecodable as error:
            raise NotShown("undecodable", error.reason) from None
        except TimeoutError:
            raise NotShown("undecodable", "timeout") from None
        except Exception as error:  # noqa: BLE001  whatever a strange file does to a decoder, it is not shown
            log.error("a preview could not be made: %s", type(error).__name__)  # noqa: TRY400  no traceback: content
            raise NotShown("undecodable", "broken") from None


def media_reader(settings: Settings) -> MediaReader:
    """Return who reads what the role `media` reads, with the same limits."""
    return MediaReader(
        Objects(settings),
        media_limits(settings),
        timeout=settings.media_timeout,
        wait=WAIT,
        cache=settings.review_media_cache,
    )


def _shown(data: bytes, limits: Limits) -> Shown:
    """Decode a file and make its pictures; blocking."""
    media = decoded(data, limits)
    height, width = media.frames[0].shape[:2]
    frames = tuple(master(frame) for frame in media.frames)
    return Shown(media.kind, width, height, frames, media.times_ms, media.end_ms, media.sound)


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()


def _not_read(error: Unreadable, before: NotShown) -> NotShown:
    if error.reason == "too_large":
        return NotShown("undecodable", error.reason)
    if error.reason in GONE:
        return before if before.failure == "unavailable" else NotShown("gone", error.reason)
    return NotShown("unavailable", error.reason)
